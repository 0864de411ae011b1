import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, messageOf } from '../domain/errors.ts';
import type { Git, GitCall } from './git.ts';

/** The git repository that a task's folder is in. */
export interface Repository {
  /** The folder with what all its work trees share; absolute, and the same for each of them. */
  commonDir: string;
  /** Where the task's folder is within it, with a slash at the end; empty at its root. */
  prefix: string;
}

/** @throws AppError `invalid` if the folder is not there: an agent somewhere else would seem to have nothing to do */
export async function requireFolder(repo: string): Promise<string> {
  const path = resolve(repo);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new AppError('invalid', `repo ${repo} is not a folder on this machine`);
  }
  return path;
}

/**
 * The repository of a folder; undefined for a plain one, also for one that the repository around it ignores.
 * @throws AppError if git cannot tell (a repository of another user, say)
 */
export async function findRepository(git: Git, path: string): Promise<Repository | undefined> {
  let answer: string;
  try {
    answer = await git(['rev-parse', '--git-common-dir', '--show-prefix'], { cwd: path });
  } catch (error) {
    if (/not a git repository/i.test(messageOf(error))) return undefined;
    throw error;
  }
  const [commonDir = '', prefix = ''] = answer.split('\n');
  if (prefix && (await isIgnored(git, path))) return undefined;
  return { commonDir: resolve(path, commonDir), prefix };
}

async function isIgnored(git: Git, path: string): Promise<boolean> {
  return git(['check-ignore', '-q', '.'], { cwd: path }).then(
    () => true,
    () => false,
  );
}

/** The commit that a name stands for. @throws AppError `invalid` if there is none */
export async function resolveCommit(git: Git, ref: string | undefined, call: GitCall): Promise<string> {
  const name = ref ?? 'HEAD';
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    return (await git(args, call)).trim();
  } catch (error) {
    if (error instanceof AppError && error.code !== 'invalid') throw error;
    const what = ref === undefined ? 'it has no commit yet' : `base_ref ${ref} is no commit of it`;
    throw new AppError('invalid', `repo ${call.cwd}: ${what}`, { cause: error });
  }
}
