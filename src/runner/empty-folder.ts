import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Task } from '../domain/task.ts';
import { freeName, newRecord, type WorkContext } from './work-context.ts';
import type { WorkDir } from './work-dir.ts';
import type { WorkRecord } from './work-record.ts';

/** An empty folder of the attempt's own, for a task that names no repository. */
export async function openEmptyFolder(context: WorkContext, task: Task, attempt: number): Promise<WorkDir> {
  const { records, workDir } = context;
  const record = newRecord(context, task, attempt);
  const name = await freeName(
    task,
    attempt,
    async (candidate) => !(await records.makeFolder(candidate, record)),
  );
  const path = records.path(name);
  const ours: string[] = [];
  return {
    path,
    own: true,
    // What is around the data folder may be a repository, and is not the task's.
    env: { GIT_CEILING_DIRECTORIES: workDir },
    exclude: async (paths) => void ours.push(...paths),
    collect: async () => undefined,
    async release({ failed }) {
      await removeFiles(path, ours);
      await releaseFolder(context, name, record, failed);
    },
  };
}

/** An empty folder goes; what a completed attempt left in one is its work, and stays; a failed one's for a time. */
export async function releaseFolder(
  context: WorkContext,
  name: string,
  record: WorkRecord,
  failed: boolean,
): Promise<void> {
  const { records, keepFailedMs, now } = context;
  const gone = await rmdir(records.path(name)).then(
    () => true,
    () => !existsSync(records.path(name)),
  );
  if (!gone && failed && keepFailedMs > 0) {
    await records.write(name, { ...record, keep_until: now() + keepFailedMs });
    return;
  }
  if (!gone && failed) await rm(records.path(name), { recursive: true, force: true });
  await records.remove(name);
}

/** Takes files away, and the folders that they leave empty. */
async function removeFiles(root: string, files: string[]): Promise<void> {
  for (const file of files) {
    await rm(join(root, file), { recursive: true, force: true });
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
      await rmdir(join(root, folder)).catch(() => {});
    }
  }
}
