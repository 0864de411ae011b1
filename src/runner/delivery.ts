import type { Logger } from 'pino';
import type { FinishAnswer } from '../domain/attempt.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import type { RunnerMetrics } from '../telemetry/runner-metrics.ts';
import { backoffDelay, type Pause } from './backoff.ts';
import type { ServiceClient } from './service-client.ts';
import type { Spool, SpooledFinish } from './spool.ts';

export interface DeliveryOptions {
  client: Pick<ServiceClient, 'finish'>;
  spool: Spool;
  /** Whether what an earlier run left in the spool is to be delivered by this one. */
  isLeftOver: (finish: SpooledFinish) => Promise<boolean>;
  metrics: RunnerMetrics;
  random: () => number;
  pause: Pause;
  logger: Logger;
}

/** Brings outcomes to the service, each until it is taken or refused. */
export interface Delivery {
  /** Resolves when the service has answered, with undefined if it refused, or at `giveUp`. Never rejects. */
  report(finish: SpooledFinish): Promise<FinishAnswer | undefined>;
  /** Tries everything that earlier runs left, once; what the service could not be asked about is tried on later. */
  recover(): Promise<void>;
  /** The service answers again: what waits is tried at once. */
  retryNow(): void;
  /** Tries no longer. What is on disk is delivered by the next run. */
  giveUp(): void;
}

/** An outcome that is not delivered yet. */
interface Pending {
  finish: SpooledFinish;
  onDisk: boolean;
  /** Left by an earlier run: nobody waits for it. */
  leftOver: boolean;
  answered: PromiseWithResolvers<FinishAnswer | undefined>;
}

interface State {
  options: DeliveryOptions;
  /** All that is not delivered yet, by task and attempt. */
  pending: Map<string, Pending>;
  /** What the service could not be asked about: tried again one at a time. */
  waiting: Pending[];
  retrying: boolean;
  /** Rounds of tries that failed in a row; what several workers tried at once is one. */
  failures: number;
  wake: AbortController;
  over: boolean;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const state: State = {
    options,
    pending: new Map(),
    waiting: [],
    retrying: false,
    failures: 0,
    wake: new AbortController(),
    over: false,
  };
  return {
    report: (finish) => report(state, finish),
    recover: () => recover(state),
    retryNow: () => wake(state),
    giveUp: () => void giveUp(state),
  };
}

async function report(state: State, finish: SpooledFinish): Promise<FinishAnswer | undefined> {
  const { spool } = state.options;
  const logger = loggerOf(state, finish);
  const pending = add(state, finish, { leftOver: false });
  try {
    await spool.put(finish);
    pending.onDisk = true;
  } catch (error) {
    state.options.metrics.spoolFailed();
    logger.error(
      { err: error },
      `the outcome cannot be written to the spool, and would be lost with this process: ${messageOf(error)}`,
    );
  }
  if (await attemptDelivery(state, pending)) return pending.answered.promise;
  logger.warn('the outcome waits for the service');
  retryLater(state, pending);
  return pending.answered.promise;
}

async function recover(state: State): Promise<void> {
  const { spool, isLeftOver, logger } = state.options;
  const found = await spool.list((path, error) =>
    logger.error({ err: error, path }, `a spooled outcome cannot be read, and is put aside: ${path}`),
  );
  let reachable = true;
  for (const finish of found) {
    if (state.pending.has(keyOf(finish)) || !(await isLeftOver(finish))) continue;
    loggerOf(state, finish).info('an outcome of an earlier run is delivered');
    const pending = add(state, finish, { leftOver: true });
    reachable &&= await attemptDelivery(state, pending);
    if (!reachable) retryLater(state, pending);
  }
}

function add(state: State, finish: SpooledFinish, { leftOver }: { leftOver: boolean }): Pending {
  const answered = Promise.withResolvers<FinishAnswer | undefined>();
  const pending = { finish, leftOver, onDisk: leftOver, answered };
  state.pending.set(keyOf(finish), pending);
  state.options.metrics.spoolDepth(state.pending.size);
  return pending;
}

/** Tries once; true if that was the end of it, false if the service could not be asked. */
async function attemptDelivery(state: State, pending: Pending): Promise<boolean> {
  const { client, metrics, spool } = state.options;
  const { finish } = pending;
  const logger = loggerOf(state, finish);
  let answer: FinishAnswer | undefined;
  try {
    answer = await client.finish(finish.task_id, finish.request);
    state.failures = 0;
    // Nothing can come between: an outcome that is gone from the spool is observed, and one that is there is not.
    spool.remove(finish);
    if (finish.observe) metrics.observe(observation(finish, answer));
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'internal';
    if (mayPass(code)) {
      if (state.failures === 0) logger.warn(`the service cannot take an outcome: ${messageOf(error)}`);
      state.failures = Math.max(1, state.failures);
      return false;
    }
    if (code !== 'conflict') await refuse(state, pending, error);
    else {
      logger.warn(`the outcome does not count: ${messageOf(error)}`);
      spool.remove(finish);
    }
  }
  settle(state, pending, answer);
  return true;
}

/** Whether the same call may succeed later: the service is away, or its tokens are being changed. */
function mayPass(code: string): boolean {
  return code === 'unavailable' || code === 'unauthorized' || code === 'forbidden';
}

async function refuse(state: State, pending: Pending, error: unknown): Promise<void> {
  const { spool } = state.options;
  const where = await spool.refuse(pending.finish).catch(() => undefined);
  const kept = where ? `is kept in ${where}` : 'is lost';
  const logger = loggerOf(state, pending.finish);
  logger.error({ err: error }, `the outcome was refused, and ${kept}: ${messageOf(error)}`);
}

function settle(state: State, pending: Pending, answer: FinishAnswer | undefined): void {
  state.pending.delete(keyOf(pending.finish));
  state.options.metrics.spoolDepth(state.pending.size);
  pending.answered.resolve(answer);
}

function retryLater(state: State, pending: Pending): void {
  if (state.over) {
    leave(state, pending);
    return;
  }
  state.waiting.push(pending);
  if (!state.retrying) void retryAll(state);
}

/** One at a time, so that a service that comes back is not flooded; one that it cannot take holds up no other. */
async function retryAll(state: State): Promise<void> {
  state.retrying = true;
  const { random, pause } = state.options;
  let failedInTurn = 0;
  while (state.waiting.length > 0 && !state.over) {
    // After one success the others follow at once, but not for ever round those that fail.
    if (state.failures > 0 || failedInTurn >= state.waiting.length) {
      const tries = Math.max(1, state.failures);
      await pause(backoffDelay(tries, { first: 500, longest: 30_000, random }), state.wake.signal);
      failedInTurn = 0;
      if (state.over) break;
    }
    const next = state.waiting.shift();
    if (!next || (await attemptDelivery(state, next))) continue;
    failedInTurn += 1;
    state.failures += 1;
    state.waiting.push(next);
  }
  state.retrying = false;
  if (state.over) await giveUp(state);
}

function wake(state: State): void {
  state.wake.abort();
  state.wake = new AbortController();
}

/** A last try of what this run has made, all at once, since the time to stop is short. */
async function giveUp(state: State): Promise<void> {
  state.over = true;
  wake(state);
  const last = state.waiting.splice(0).map(async (pending) => {
    if (pending.leftOver || !(await attemptDelivery(state, pending))) leave(state, pending);
  });
  await Promise.all(last);
}

function leave(state: State, pending: Pending): void {
  const logger = loggerOf(state, pending.finish);
  if (pending.onDisk) logger.warn('the outcome stays in the spool, and is delivered by the next run');
  else logger.error('the outcome could not be reported, and is lost');
  settle(state, pending, undefined);
}

function observation({ request: { outcome }, queue_seconds }: SpooledFinish, { labels }: FinishAnswer) {
  // With the labels of the answer: it has applied their bounds.
  return { labels, status: outcome.status, duration_seconds: outcome.duration_seconds, queue_seconds };
}

function keyOf({ task_id, request }: SpooledFinish): string {
  return `${task_id}-${request.attempt}`;
}

function loggerOf(state: State, { task_id, request }: SpooledFinish): Logger {
  return state.options.logger.child({ task: task_id, attempt: request.attempt });
}
