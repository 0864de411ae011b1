import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { AppError } from '../domain/errors.ts';
import type { Task } from '../domain/task.ts';
import { openEmptyFolder } from './empty-folder.ts';
import { createGit, type Git } from './git.ts';
import { excludePattern, personalExcludes, withGitSetting } from './git-excludes.ts';
import { KeyedLock } from './keyed-lock.ts';
import { findRepository, type Repository, requireFolder, resolveCommit } from './repository.ts';
import { formatMark } from './run-mark.ts';
import type { RunnerLife } from './runner-life.ts';
import { freeName, newRecord, type WorkContext } from './work-context.ts';
import { plainFolder, type WorkDir } from './work-dir.ts';
import { workRecords } from './work-record.ts';
import { sweepWorkDirs } from './work-sweep.ts';
import { WorkTree } from './work-tree.ts';

/** Where the attempts of one runner work. */
export interface WorkDirs {
  /**
   * A git work tree of the attempt's own if the task names a git repository; that folder itself if it is a plain
   * one; else an empty folder, kept if something was left in it.
   * @throws AppError `invalid` if the task's repository or base is not there, else for a fault of the machine
   */
  open(task: Task, attempt: number, signal?: AbortSignal): Promise<WorkDir>;
  /** Takes away what was kept long enough, and sees to what a runner that died has left. */
  sweep(): Promise<void>;
}

export interface WorkDirsOptions {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  keepFailedHours: number;
  life: RunnerLife;
  clock: () => number;
  logger: Logger;
}

export function createWorkDirs(options: WorkDirsOptions): WorkDirs {
  const workDir = resolve(options.dataDir, 'work');
  const context: WorkContext = {
    workDir,
    env: options.env,
    git: createGit(options.env, formatMark({ ...options.life, task: 'git', attempt: 0 })),
    locks: new KeyedLock(),
    records: workRecords(workDir, options.life),
    keepFailedMs: options.keepFailedHours * 3_600_000,
    life: options.life,
    now: options.clock,
    logger: options.logger,
  };
  return {
    open: (task, attempt, signal) => open(context, task, attempt, signal),
    sweep: () => sweepWorkDirs(context),
  };
}

async function open(
  context: WorkContext,
  task: Task,
  attempt: number,
  signal?: AbortSignal,
): Promise<WorkDir> {
  if (!task.repo) return openEmptyFolder(context, task, attempt);
  const path = await requireFolder(task.repo);
  const repository = await findRepository(context.git, path);
  if (!repository && task.base_ref) {
    throw new AppError('invalid', `repo ${task.repo} is no git repository, and so has no ${task.base_ref}`);
  }
  return repository ? openTree(context, task, attempt, { path, repository, signal }) : plainFolder(path);
}

async function openTree(
  context: WorkContext,
  task: Task,
  attempt: number,
  from: { path: string; repository: Repository; signal?: AbortSignal },
): Promise<WorkDir> {
  const { git, records } = context;
  const { commonDir, prefix } = from.repository;
  const base = await resolveCommit(git, task.base_ref, { cwd: from.path, signal: from.signal });
  const taken = async (name: string) =>
    existsSync(records.path(name)) ||
    existsSync(records.beside(name, 'json')) ||
    branchExists(git, commonDir, name);
  const name = await freeName(task, attempt, taken);
  const record = {
    ...newRecord(context, task, attempt),
    tree: {
      common_dir: commonDir,
      git_dir: join(commonDir, 'worktrees', name),
      branch: branchOf(name),
      base,
      filled: false,
      excluded: [],
    },
  };
  await records.write(name, record);
  const tree = new WorkTree(name, record, context);
  const path = join(tree.path, prefix);
  try {
    await tree.create(from.signal);
    if (!existsSync(path))
      throw new AppError('invalid', `repo ${task.repo} is not in ${task.base_ref ?? 'HEAD'}`);
  } catch (error) {
    await tree.remove();
    throw error;
  }
  return treeDir(context, name, { tree, path, prefix });
}

function treeDir(
  context: WorkContext,
  name: string,
  { tree, path, prefix }: { tree: WorkTree; path: string; prefix: string },
): WorkDir {
  const env: Record<string, string> = {};
  const excluded: string[] = [];
  return {
    path,
    own: true,
    env,
    async exclude(paths, from = 'path') {
      const fromRoot = from === 'root' ? paths : paths.map((file) => prefix + file);
      excluded.push(...fromRoot);
      const file = context.records.beside(name, 'exclude');
      await writeFile(file, (await personalExcludes(context)) + excluded.map(excludePattern).join(''));
      await tree.exclude(fromRoot);
      Object.assign(env, withGitSetting(context.env, 'core.excludesFile', file));
    },
    collect: ({ message }) => tree.collect(message),
    release: (how) => tree.release(how),
  };
}

function branchOf(name: string): string {
  return `andon/${name}`;
}

async function branchExists(git: Git, commonDir: string, name: string): Promise<boolean> {
  const args = [`--git-dir=${commonDir}`, 'show-ref', '--verify', '--quiet', `refs/heads/${branchOf(name)}`];
  return git(args, { cwd: commonDir }).then(
    () => true,
    () => false,
  );
}
