import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Task } from '../domain/task.ts';
import { pathWithin } from './path-within.ts';
import type { WorkDir } from './work-dir.ts';

/**
 * Copies the files of the task's skill version, `<skillsDir>/<skill_version>/`, into its work tree, where they do not
 * count as the attempt's work.
 * @throws AppError `invalid` if there is no such version, or one of its files is already there and another
 */
export async function layOverSkill(task: Task, dir: WorkDir, skillsDir: string | undefined): Promise<void> {
  const version = task.context.skill_version;
  if (!skillsDir || version === undefined) return;
  const source = await pathWithin(skillsDir, version);
  if (!source)
    throw new AppError('invalid', `skill version ${version}: there is no such folder in ${skillsDir}`);
  if (!dir.own) {
    throw new AppError(
      'invalid',
      `skill version ${version}: ${dir.path} is no git repository to make a work tree of`,
    );
  }
  const made: string[] = [];
  await copyFolder({ source, target: dir.path, inside: '', version, made });
  if (made.length > 0) await dir.exclude(made);
}

interface Copy {
  source: string;
  target: string;
  /** The folder within both that is copied now, with a slash at its end. */
  inside: string;
  version: string;
  /** The files that were not there before. */
  made: string[];
}

async function copyFolder(copy: Copy): Promise<void> {
  for (const entry of await readdir(join(copy.source, copy.inside), { withFileTypes: true })) {
    const path = copy.inside + entry.name;
    if (entry.isDirectory()) {
      await makeFolder(copy, path);
      await copyFolder({ ...copy, inside: `${path}/` });
    } else if (entry.isFile() && !/[\n\0]/.test(entry.name)) {
      await copyOne(copy, path);
    } else {
      // A link could lead anywhere.
      throw new AppError('invalid', `skill version ${copy.version}: ${path} is no plain file`);
    }
  }
}

async function makeFolder({ target, version }: Copy, path: string): Promise<void> {
  const there = await lstat(join(target, path)).catch(() => undefined);
  if (!there) await mkdir(join(target, path));
  else if (!there.isDirectory()) {
    throw new AppError('invalid', `skill version ${version}: ${path} is in the way, and no folder`);
  }
}

async function copyOne({ source, target, version, made }: Copy, path: string): Promise<void> {
  const [from, to] = [join(source, path), join(target, path)];
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    made.push(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const there = await lstat(to);
    if (there.isFile() && (await readFile(to)).equals(await readFile(from))) return;
    throw new AppError('invalid', `skill version ${version} would overwrite ${path}`);
  }
}
