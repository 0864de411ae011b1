import { mkdir, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Task } from '../domain/task.ts';

/** Where an attempt works. */
export interface WorkDir {
  path: string;
  /** Takes away what is not worth keeping. */
  release(): Promise<void>;
}

/**
 * The task's repository, if it names one, else an empty folder of the attempt's own. That is kept afterwards
 * if the attempt left something in it.
 * @throws AppError `invalid` if the repository is not a folder of this machine: an agent that works somewhere
 * else than it was told would look like one that had nothing to do
 */
export async function openWorkDir(task: Task, attempt: number, dataDir: string): Promise<WorkDir> {
  if (task.repo) {
    const path = resolve(task.repo);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory())
      throw new AppError('invalid', `repo ${task.repo} is not a folder on this machine`);
    return { path, release: async () => {} };
  }
  const path = resolve(join(dataDir, 'work', `${task.id}-${attempt}`));
  await mkdir(path, { recursive: true });
  return {
    path,
    // Fails if there is something in it, and is meant to.
    release: () => rmdir(path).catch(() => {}),
  };
}
