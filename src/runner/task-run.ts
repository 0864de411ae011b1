import type { ClaimedTask, FinishAnswer, FinishRequest } from '../domain/attempt.ts';
import { messageOf } from '../domain/errors.ts';
import { type AttemptResult, type RunningAttempt, startAttempt } from './attempt-run.ts';
import { finishRequest, reportFinish } from './finish-report.ts';
import { keepLease } from './lease.ts';
import { type RunnerState, wakeUp } from './runner-state.ts';

/** Runs a claimed task to its reported outcome; it counts among `running` until then. */
export function runTask(state: RunnerState, claimed: ClaimedTask): void {
  const { telemetry } = state.options;
  const { executor } = claimed.task;
  const span = telemetry.tracer.start(claimed);
  telemetry.metrics.attemptStarted(executor);
  const attempt = startAttempt(claimed, state.attempts, span.traceparent);
  const reported = attempt.result.then(async (result) => {
    telemetry.metrics.attemptEnded(executor);
    const request = finishRequest(claimed, result, { durationObserved: telemetry.metrics.exported });
    span.end(request.outcome);
    await report(state, claimed, request);
  });
  state.running.set(attempt, follow(state, attempt, reported));
}

/** Gives a task back that was never begun. */
export async function handBack(state: RunnerState, claimed: ClaimedTask): Promise<void> {
  const notBegun: AttemptResult = {
    interpretation: {
      status: 'failed',
      error_class: 'killed',
      error_message: 'the runner stopped before it began',
      usage_state: 'none',
      cost_source: 'none',
      billing: 'unknown',
    },
    duration_seconds: 0,
    log_tail: '',
    endReason: 'killed',
  };
  await report(state, claimed, finishRequest(claimed, notBegun, { durationObserved: true }), false);
}

async function follow(state: RunnerState, attempt: RunningAttempt, reported: Promise<void>): Promise<void> {
  const over = new AbortController();
  const logger = loggerOf(state, attempt.claimed);
  const lease = keepLease(attempt, { client: state.options.client, signal: over.signal, logger });
  try {
    await reported;
  } catch (error) {
    // A fault of ours costs this outcome (the lease runs out), not the tasks beside it.
    logger.error({ err: error }, `the outcome is lost: ${messageOf(error)}`);
  } finally {
    over.abort();
    state.running.delete(attempt);
    wakeUp(state);
  }
  await lease;
}

async function report(
  state: RunnerState,
  claimed: ClaimedTask,
  request: FinishRequest,
  observed = true,
): Promise<void> {
  const { client, telemetry } = state.options;
  const logger = loggerOf(state, claimed);
  const { status, error_class, duration_seconds } = request.outcome;
  const answer = await reportFinish(claimed.task.id, request, {
    client,
    giveUp: state.giveUp.signal,
    random: state.random,
    logger,
  });
  if (!answer) return;
  logger.info({ status, error_class, duration_seconds, task_status: answer.task_status }, 'attempt reported');
  // With the labels of the answer: it has applied their bounds.
  if (observed) telemetry.metrics.observe(observation(claimed, request, answer));
}

function observation(claimed: ClaimedTask, { outcome }: FinishRequest, answer: FinishAnswer) {
  return {
    labels: answer.labels,
    status: outcome.status,
    duration_seconds: outcome.duration_seconds,
    queue_seconds: claimed.queue_seconds,
  };
}

function loggerOf(state: RunnerState, { task, attempt }: ClaimedTask) {
  return state.options.logger.child({ task: task.id, attempt, executor: task.executor });
}
