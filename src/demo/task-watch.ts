import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../app/api-client.ts';
import { AppError } from '../domain/errors.ts';
import { isSettled, type Task, task } from '../domain/task.ts';
import type { Narrator } from './narrator.ts';

export interface WatchOptions {
  client: ApiClient;
  narrator: Narrator;
  /** The demo's own runner. */
  runner: string;
  /** When it is too late, in seconds since the start. */
  deadlineSeconds: number;
  /** Ends the waiting. */
  signal: AbortSignal;
}

const pollMs = 200;

/**
 * Tells of each change of these tasks until all have ended.
 * @throws AppError `unavailable` after the deadline, AbortError after the signal
 */
export async function watchTasks(ids: readonly string[], options: WatchOptions): Promise<Task[]> {
  const { client } = options;
  const told = new Map<string, string>();
  const look = async () => {
    const tasks = await Promise.all(ids.map((id) => client.get(`/api/agent/tasks/${id}`, task)));
    for (const one of tasks) {
      const state = `${one.status} ${one.attempt}`;
      if (told.get(one.id) === state) continue;
      told.set(one.id, state);
      tell(one, options);
    }
    return tasks.every(({ status }) => isSettled(status)) ? tasks : undefined;
  };
  return waitFor('the tasks to end', look, options);
}

function tell(one: Task, { narrator, runner }: WatchOptions): void {
  const row = `${one.task_type.padEnd(6)}  ${titleOf(one)}`;
  if (one.status === 'running') narrator.line(`▸ ${row}${byAnother(one, runner)}`);
  if (one.status === 'completed') narrator.good(`${row}  ${took(one)}`);
  if (one.status === 'failed') narrator.bad(`${row}  ${took(one)}  ${one.error_class}`);
}

/** Whoever claims from this address without tags may get the demo's tasks. */
function byAnother({ runner }: Task, own: string): string {
  return runner === undefined || runner === own ? '' : `  (by ${runner}, which is not the demo's runner)`;
}

/** A heal task's direction is long: the story says what it does. */
function titleOf({ direction, origin }: Task): string {
  return origin.startsWith('improvement:') ? origin : (direction.split('\n', 1)[0] ?? '');
}

function took({ started_at, finished_at }: Task): string {
  if (!started_at || !finished_at) return '';
  return `${((Date.parse(finished_at) - Date.parse(started_at)) / 1000).toFixed(1)} s`;
}

/**
 * Asks again until there is an answer.
 * @throws AppError `unavailable`, with what was waited for, after the deadline; AbortError after the signal
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { narrator, deadlineSeconds, signal }: Pick<WatchOptions, 'narrator' | 'deadlineSeconds' | 'signal'>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (narrator.seconds() > deadlineSeconds) throw new AppError('unavailable', `waited in vain for ${what}`);
    await sleep(pollMs, undefined, { signal });
  }
}
