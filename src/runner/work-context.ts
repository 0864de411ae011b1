import type { Logger } from 'pino';
import type { Task } from '../domain/task.ts';
import type { Git } from './git.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { RunnerLife } from './runner-life.ts';
import type { WorkRecord, WorkRecords } from './work-record.ts';

/** What the work folders of one runner share. */
export interface WorkContext {
  /** Where they are. */
  workDir: string;
  records: WorkRecords;
  git: Git;
  /** By repository: git refuses a second change of a repository's list of work trees. */
  locks: KeyedLock;
  env: NodeJS.ProcessEnv;
  life: RunnerLife;
  /** How long what a failed attempt left is kept, in milliseconds. */
  keepFailedMs: number;
  now: () => number;
  logger: Logger;
}

export function newRecord({ life, now }: WorkContext, task: Task, attempt: number): WorkRecord {
  const { runner, instance } = life;
  return { runner, instance, task_id: task.id, attempt, created_at: now() };
}

/** `<task>-<attempt>`; with a number behind it if that is taken, as after a store was begun anew. */
export async function freeName(
  task: Task,
  attempt: number,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> {
  const name = `${task.id}-${attempt}`;
  for (let copy = 1; ; copy += 1) {
    const candidate = copy === 1 ? name : `${name}.${copy}`;
    if (!(await isTaken(candidate))) return candidate;
  }
}
