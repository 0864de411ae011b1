import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cli/api-client.ts';
import { AppError } from '../domain/errors.ts';
import { isSettled, type Task, task } from '../domain/task.ts';
import type { Narrator } from './narrator.ts';

/** Tells of each change of these tasks until all have ended. @throws AppError `unavailable` after the deadline */
export async function watchTasks(
  client: ApiClient,
  ids: readonly string[],
  narrator: Narrator,
  deadlineSeconds: number,
): Promise<Task[]> {
  const told = new Map<string, string>();
  for (;;) {
    const tasks = await Promise.all(ids.map((id) => client.get(`/api/agent/tasks/${id}`, task)));
    for (const one of tasks) {
      const state = `${one.status} ${one.attempt}`;
      if (told.get(one.id) === state) continue;
      told.set(one.id, state);
      tell(one, narrator);
    }
    if (tasks.every(({ status }) => isSettled(status))) return tasks;
    if (narrator.seconds() > deadlineSeconds)
      throw new AppError('unavailable', 'the tasks did not end in time');
    await sleep(200);
  }
}

function tell(one: Task, narrator: Narrator): void {
  const row = `${one.task_type.padEnd(6)}  ${titleOf(one)}`;
  if (one.status === 'running') narrator.line(`▸ ${row}`);
  if (one.status === 'completed') narrator.good(`${row}  ${took(one)}`);
  if (one.status === 'failed') narrator.bad(`${row}  ${took(one)}  ${one.error_class}`);
}

/** A heal task's direction is long: the story says what it does. */
function titleOf({ direction, origin }: Task): string {
  return origin.startsWith('improvement:') ? `${origin}` : (direction.split('\n', 1)[0] ?? '');
}

function took({ started_at, finished_at }: Task): string {
  if (!started_at || !finished_at) return '';
  return `${((Date.parse(finished_at) - Date.parse(started_at)) / 1000).toFixed(1)} s`;
}

/** Asks again until there is an answer. @throws AppError `unavailable`, with what was waited for, after the deadline */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  narrator: Narrator,
  deadlineSeconds: number,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (narrator.seconds() > deadlineSeconds) throw new AppError('unavailable', `waited in vain for ${what}`);
    await sleep(200);
  }
}
