import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, matchesGlob, relative } from 'node:path';
import { z } from 'zod';
import { root } from './compose-file.ts';

export interface Instruction {
  name: string;
  rest: string;
}

/** The Dockerfile's instructions, each on one line. */
export function dockerfile(): Instruction[] {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return { name, rest: rest.join(' ') };
    });
}

/** Those of the image that is kept: what follows the last FROM. */
export function lastStage(): Instruction[] {
  const all = dockerfile();
  return all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
}

/** What the instructions copy out of the project. */
export function copied(instructions: Instruction[]): { source: string; target: string }[] {
  return instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => {
      const words = rest.split(' ');
      const target = words.pop() ?? '';
      return words.map((source) => ({ source, target }));
    });
}

/** Whether `.dockerignore` keeps a path of the project from the build: its last rule that matches decides. */
export function isIgnored(path: string): boolean {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  let ignored = false;
  for (const line of rules.filter((rule) => rule !== '' && !rule.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    // Docker's `*` is also what begins with a dot.
    if (pattern === '*' || matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`))
      ignored = !line.startsWith('!');
  }
  return ignored;
}

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ dev: z.boolean().optional(), optional: z.boolean().optional() }),
  ),
});

/** Makes a folder of what the image has in /app, with the packages that are no development's; only those are found. */
export async function assembleImage(folder: string): Promise<void> {
  for (const { source, target } of copied(lastStage())) {
    const to = join(folder, target.endsWith('/') ? join(target, source) : target);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(root, source), to, {
      recursive: true,
      filter: (file) => !isIgnored(relative(root, file)),
    });
  }
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  for (const [path, { dev, optional }] of Object.entries(packages)) {
    const nested = path.indexOf('node_modules/') !== path.lastIndexOf('node_modules/');
    // The image goes without the package that brings a Node.
    if (dev || nested || !path.startsWith('node_modules/') || path === 'node_modules/node') continue;
    if (optional && !existsSync(join(root, path))) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(root, path), join(folder, path));
  }
}

/** What the image sets: `ENV NAME=value …`. */
export function imageEnvironment(): Record<string, string> {
  const words = lastStage().flatMap(({ name, rest }) => (name === 'ENV' ? rest.split(' ') : []));
  return Object.fromEntries(words.map((word) => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]));
}
