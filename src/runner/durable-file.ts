import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file whole or not at all, so that it would outlast a crash of the machine; its folder is made for this user
 * alone if it is not there. Any number of processes may write to one folder: while it is written it has a name of
 * its own.
 * @throws what the disk says
 */
export async function writeDurably(
  folder: string,
  name: string,
  text: string,
  unfinishedName = `${name}.${process.pid}.tmp`,
): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, unfinishedName);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
  // A folder is itself an entry of the one above it.
  if (made !== undefined) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
