import type { ClaimedTask, FinishRequest } from '../domain/attempt.ts';
import { messageOf } from '../domain/errors.ts';
import { faultOf } from '../domain/outcome.ts';
import { type AttemptResult, type RunningAttempt, startAttempt } from './attempt-run.ts';
import { describeSpent } from './attempt-spent.ts';
import { finishRequest } from './finish-report.ts';
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
    const { error_class } = result.interpretation;
    if (!error_class || faultOf[error_class] === 'attempt') state.probes.works(executor);
    const request = requestOf(state, claimed, result);
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
  const request = requestOf(state, claimed, notBegun);
  // Said to be observed, so that the service does not count a time that was none.
  request.outcome.duration_observed = true;
  await report(state, claimed, request, false);
}

async function follow(state: RunnerState, attempt: RunningAttempt, reported: Promise<void>): Promise<void> {
  const over = new AbortController();
  const logger = loggerOf(state, attempt.claimed);
  const { pause } = state;
  const lease = keepLease(attempt, { client: state.options.client, signal: over.signal, pause, logger });
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

function requestOf(state: RunnerState, claimed: ClaimedTask, result: AttemptResult): FinishRequest {
  const { secrets } = state.attempts;
  const durationObserved = state.options.telemetry.metrics.exported;
  return finishRequest(claimed, result, { durationObserved, secrets });
}

async function report(
  state: RunnerState,
  claimed: ClaimedTask,
  request: FinishRequest,
  observe = true,
): Promise<void> {
  const { runner, instance } = state.attempts.life;
  const answer = await state.delivery.report({
    runner,
    instance,
    task_id: claimed.task.id,
    observe,
    queue_seconds: claimed.queue_seconds,
    request,
  });
  if (!answer) return;
  const { status, error_class, duration_seconds } = request.outcome;
  const spent = describeSpent({ usage_state: 'none', cost_source: 'unpriced', ...request.outcome });
  const facts = { status, error_class, duration_seconds, spent, task_status: answer.task_status };
  loggerOf(state, claimed).info(facts, 'attempt reported');
}

function loggerOf(state: RunnerState, { task, attempt }: ClaimedTask) {
  return state.options.logger.child({ task: task.id, attempt, executor: task.executor });
}
