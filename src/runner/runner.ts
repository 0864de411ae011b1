import { AppError, messageOf } from '../domain/errors.ts';
import { claimUntilStopped } from './claim-loop.ts';
import { recover, requireSpool } from './recovery.ts';
import { newRunnerState, type RunnerOptions, type RunnerState, wakeUp } from './runner-state.ts';

export type { RunnerOptions } from './runner-state.ts';

/** Claims tasks and runs them. */
export interface Runner {
  start(): void;
  /** How many tasks it runs now. */
  readonly running: number;
  /**
   * Resolves when it has stopped: after `stop` or `drain`, or with `once` when there is nothing left to do. Rejects
   * with AppError `unauthorized` or `forbidden` if the service refuses this runner, and with `unavailable` if with
   * `once` it has not answered for too long; what ran has ended by then. Rejects with `unavailable` too, before
   * anything is claimed, if no outcome could be kept on disk.
   */
  readonly done: Promise<void>;
  /** Claims no more, and resolves when what runs has ended by itself. */
  drain(): Promise<void>;
  /**
   * Claims no more; what still runs after the grace (0 unless said) is ended and handed back. Called again, it may
   * shorten the grace. Resolves when everything is reported and the runner has left, also if `done` rejects.
   */
  stop(options?: { graceSeconds?: number }): Promise<void>;
  /** Ends every process that runs, at once and without a report: for a process that is about to exit. */
  kill(): void;
}

/** @throws AppError `invalid` if there is no executor to take tasks for */
export function createRunner(options: RunnerOptions): Runner {
  if (options.executors.length === 0) {
    throw new AppError('invalid', 'a runner needs at least one executor');
  }
  const state = newRunnerState(options);
  return {
    start() {
      if (state.started || state.stopping) return;
      state.started = true;
      void run(state);
    },
    get running() {
      return state.running.size;
    },
    done: state.done.promise,
    drain: () => stop(state, undefined),
    stop: ({ graceSeconds = 0 } = {}) => stop(state, graceSeconds),
    kill() {
      for (const attempt of state.running.keys()) attempt.kill();
    },
  };
}

async function run(state: RunnerState): Promise<void> {
  const { client, id, logger } = state.options;
  try {
    await requireSpool(state);
    await recover(state);
    await claimUntilStopped(state).catch(async (error: unknown) => {
      await abandon(state, error);
      throw error;
    });
    while (state.running.size > 0) await Promise.all(state.running.values());
    await client.leave(id).catch((error) => logger.debug(`leave: ${messageOf(error)}`));
    state.done.resolve();
  } catch (error) {
    state.done.reject(error);
  } finally {
    state.ended = true;
    for (const timer of state.timers) clearTimeout(timer);
    // Outcomes of earlier runs that still wait have their place on disk.
    state.delivery.giveUp();
  }
}

/**
 * Waits for what runs, and tries once to report each. Where the service refuses this runner it could not be reported
 * at all, and is ended.
 */
async function abandon(state: RunnerState, error: unknown): Promise<void> {
  state.stopping = true;
  state.delivery.giveUp();
  if (!(error instanceof AppError && error.code === 'unavailable')) endAll(state);
  while (state.running.size > 0) await Promise.all(state.running.values());
}

function stop(state: RunnerState, graceSeconds: number | undefined): Promise<void> {
  state.stopping = true;
  wakeUp(state);
  if (!state.started) state.done.resolve();
  else if (graceSeconds !== undefined && !state.ended) {
    state.timers.push(setTimeout(() => endAll(state), graceSeconds * 1000));
  }
  return state.done.promise.catch(() => {});
}

function endAll(state: RunnerState): void {
  for (const attempt of state.running.keys()) attempt.end('killed');
  const { graceSeconds, reportSeconds = 10 } = state.options;
  const longest = (graceSeconds + reportSeconds) * 1000;
  state.timers.push(setTimeout(() => state.delivery.giveUp(), longest));
}
