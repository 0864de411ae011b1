import { once } from 'node:events';
import type { ClaimedTask } from '../domain/attempt.ts';
import { messageOf } from '../domain/errors.ts';
import { backoffDelay, pause } from './backoff.ts';
import type { RunnerState } from './runner-state.ts';
import { handBack, runTask } from './task-run.ts';

/** Claims tasks and starts them, until the runner stops or, with `once`, there is nothing left to do. */
export async function claimUntilStopped(state: RunnerState): Promise<void> {
  while (!state.stopping) {
    const wake = state.wake.signal;
    const free = state.options.workers - state.running.size;
    if (free <= 0) {
      await once(wake, 'abort');
      continue;
    }
    const idle = state.running.size === 0;
    const tasks = await claim(state, free);
    await Promise.all(tasks?.map((task) => take(state, task)) ?? []);
    if (tasks?.length) continue;
    // Only a claim that was sent while nothing ran says so: what ends may set others free.
    if (tasks && idle && state.options.once) return;
    await pause(tasks ? pollDelay(state) : failureDelay(state), wake);
  }
}

/** The tasks handed out; undefined if the service could not be asked. Said once for each outage. */
async function claim(state: RunnerState, free: number): Promise<ClaimedTask[] | undefined> {
  const { client, logger, id, executors, projects, tags, telemetry } = state.options;
  try {
    const answer = await client.claim({
      runner: id,
      executors: executors.map((executor) => executor.name),
      free_workers: free,
      projects,
      tags,
      metrics_url: telemetry.metricsUrl,
    });
    if (state.failedClaims > 0) logger.info('the service answers again');
    state.failedClaims = 0;
    return answer.tasks;
  } catch (error) {
    state.failedClaims += 1;
    if (state.failedClaims === 1) logger.warn(`no tasks can be claimed, trying on: ${messageOf(error)}`);
    return undefined;
  }
}

/** Starts a task, or hands it back at once if the runner began to stop while it was claimed. */
async function take(state: RunnerState, claimed: ClaimedTask): Promise<void> {
  if (state.stopping) await handBack(state, claimed);
  else runTask(state, claimed);
}

function pollDelay(state: RunnerState): number {
  return state.options.pollSeconds * 1000 * (0.75 + state.random() / 2);
}

function failureDelay(state: RunnerState): number {
  return backoffDelay(state.failedClaims, { first: 1000, longest: 30_000, random: state.random });
}
