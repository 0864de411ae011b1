import { once } from 'node:events';
import type { ClaimAnswer, ClaimedTask } from '../domain/attempt.ts';
import { type BudgetState, spentText } from '../domain/budget.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import type { ExecutorHold } from '../domain/executor-hold.ts';
import { backoffDelay } from './backoff.ts';
import type { RunnerState } from './runner-state.ts';
import { handBack, runTask } from './task-run.ts';

/** How long a service may not answer, with `once`. */
const defaultGiveUpSeconds = 30;

/**
 * Claims tasks and starts them, until the runner stops or, with `once`, there is nothing left to do.
 * @throws AppError `unauthorized` or `forbidden` if the service refuses this runner, `unavailable` if with `once` it
 * has not answered for too long
 */
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
    await state.pause(tasks ? pollDelay(state) : failureDelay(state), wake);
  }
}

/** The tasks handed out; undefined if the service could not be asked. */
async function claim(state: RunnerState, free: number): Promise<ClaimedTask[] | undefined> {
  const { client, logger, id, executors, projects, tags, telemetry } = state.options;
  state.probes.begin();
  const probed = state.probes.passed();
  try {
    const answer = await client.claim({
      runner: id,
      executors: executors.map((executor) => executor.name),
      free_workers: free,
      projects,
      tags,
      probed: probed.length > 0 ? probed : undefined,
      metrics_url: telemetry.metricsUrl,
    });
    if (state.failedClaims > 0) {
      logger.info('the service answers again');
      state.delivery.retryNow();
    }
    state.failedClaims = 0;
    takeAnswer(state, answer, probed);
    return answer.tasks;
  } catch (error) {
    telemetry.metrics.claimed('failed');
    noteFailure(state, error);
    return undefined;
  }
}

function takeAnswer(state: RunnerState, answer: ClaimAnswer, probed: string[]): void {
  const { metrics } = state.options.telemetry;
  const held = answer.held ?? [];
  metrics.claimed(answer.tasks.length > 0 ? 'tasks' : (answer.reason ?? 'empty'));
  metrics.held(held);
  state.probes.update(held, probed);
  tellHolds(state, held);
  tellThrottle(state, answer.throttled ?? []);
}

/** Says once what is held, and once that it no longer is. */
function tellHolds(state: RunnerState, held: ExecutorHold[]): void {
  const { logger } = state.options;
  const now = new Map(held.map((hold) => [hold.executor, hold]));
  for (const [executor, { state: how, reason, until }] of now) {
    if (state.held.get(executor)?.since === now.get(executor)?.since) continue;
    logger.warn({ until }, `executor ${executor} is ${how}${until ? ` until ${until}` : ''}: ${reason}`);
  }
  for (const executor of state.held.keys()) {
    if (!now.has(executor)) logger.info(`executor ${executor} gets tasks again`);
  }
  state.held = now;
}

/** Says once which budgets hold tasks back, and once that none of them does any more. */
function tellThrottle(state: RunnerState, budgets: BudgetState[]): void {
  const { logger } = state.options;
  for (const budget of budgets) {
    if (state.throttled.has(budget.project)) continue;
    logger.warn({ until: budget.resumes_at }, `only critical tasks are handed out: ${spentText(budget)}`);
  }
  if (budgets.length === 0 && state.throttled.size > 0) logger.info('no budget holds tasks back any more');
  state.throttled = new Set(budgets.map(({ project }) => project));
}

/** Says it once for each outage. @throws AppError if there is no use in trying on */
function noteFailure(state: RunnerState, error: unknown): void {
  const { logger, once, giveUpSeconds = defaultGiveUpSeconds } = state.options;
  const reason = messageOf(error);
  if (error instanceof AppError && (error.code === 'unauthorized' || error.code === 'forbidden')) {
    const advice = 'set runner.token (or ANDON_TOKEN) to a token of the service with the scope report';
    throw new AppError(error.code, `the service refuses this runner: ${reason}. To do: ${advice}`, {
      cause: error,
    });
  }
  const now = state.attempts.monotonic();
  state.failedClaims += 1;
  if (state.failedClaims === 1) {
    state.failingSince = now;
    logger.warn(`no tasks can be claimed, trying on: ${reason}`);
  } else if (once && now - state.failingSince >= giveUpSeconds * 1000) {
    throw new AppError('unavailable', `no tasks could be claimed for ${giveUpSeconds} s: ${reason}`, {
      cause: error,
    });
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
  const { once, giveUpSeconds = defaultGiveUpSeconds } = state.options;
  const delay = backoffDelay(state.failedClaims, { first: 1000, longest: 30_000, random: state.random });
  if (!once) return delay;
  // The last try is at the end of that time, not long after it.
  const left = state.failingSince + giveUpSeconds * 1000 - state.attempts.monotonic();
  return Math.min(delay, Math.max(0, left));
}
