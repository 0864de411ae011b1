import { readFile, writeFile } from 'node:fs/promises';

/**
 * Makes a program look for a folder below its working folder that it would look for at an absolute path. Debian's
 * Alertmanager does not start without the template it reads under /usr/share, where an unpacked package is not;
 * neither a setting nor a variable changes that, so the path in the unpacked copy is made relative: `/usr/share`
 * becomes `usr//share`, which is as long. A program that does not hold the path stays as it is.
 */
export async function relocateProgram(file: string, absoluteFolder: string): Promise<void> {
  const program = await readFile(file);
  const from = Buffer.from(absoluteFolder);
  const to = Buffer.from(absoluteFolder.replace(/^\/([^/]+)\//, '$1//'));
  let at = program.indexOf(from);
  if (at === -1) return;
  for (; at !== -1; at = program.indexOf(from, at + to.length)) to.copy(program, at);
  await writeFile(file, program);
}
