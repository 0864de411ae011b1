import { type ErrorClass, faultOf } from '../../domain/outcome.ts';
import { ledgerMetrics } from '../../telemetry/names.ts';
import { matches } from '../work.ts';
import { askForDecision } from './decisions.ts';
import { labelsOf } from './labels.ts';
import { pauseAfter } from './pauses.ts';
import { spend } from './spending.ts';
import {
  type Attempt,
  type Ending,
  hit,
  maxAttempts,
  type PipelineState,
  type SimulatedTask,
} from './state.ts';

/** What running attempts come to in this minute; `delivered` says which runners can tell. */
export function endAttempts(state: PipelineState, delivered: (runner: string) => boolean): void {
  for (const attempt of state.attempts) {
    attempt.ending = interrupted(state, attempt);
    if (!attempt.stuck && state.random.chance(0.6)) attempt.progress_at = state.minute;
  }
  const ended = state.attempts.filter(
    (attempt) => attempt.ends_at <= state.minute && !attempt.stuck && delivered(attempt.runner),
  );
  state.attempts = state.attempts.filter((attempt) => !ended.includes(attempt));
  for (const attempt of ended) end(state, attempt);
}

/** What was under way when a provider stopped fails soon, and one task of a kind may be stuck. */
function interrupted(state: PipelineState, attempt: Attempt): Ending {
  const { faults, minute } = state;
  const { executor } = attempt.task.work;
  const limit = hit(
    state,
    faults.active('limit', minute).find((fault) => fault.executor === executor),
  );
  const overload = hit(
    state,
    faults.active('overload', minute).find((fault) => fault.executor === executor),
  );
  if (limit || overload) {
    attempt.ends_at = Math.min(attempt.ends_at, minute + state.random.integer(1, 3));
    return limit ? 'rate_limited' : 'overloaded';
  }
  for (const fault of faults.active('stuck', minute)) {
    const taken = state.attempts.some(({ stuck }) => stuck === fault);
    if (!taken && matches(attempt.task.work, fault.where)) attempt.stuck = hit(state, fault);
  }
  if (attempt.stuck && !faults.active('stuck', minute).some((fault) => fault === attempt.stuck)) {
    attempt.stuck = undefined;
    attempt.ends_at = minute;
    return 'cancelled';
  }
  return attempt.ending;
}

function end(state: PipelineState, attempt: Attempt): void {
  const { task } = attempt;
  const ending = failure(state, attempt) ?? attempt.ending;
  spend(state, attempt, ending);
  if (ending === 'needs_decision') askForDecision(state, task);
  else if (ending === 'completed') finish(state, task, 'completed');
  else fail(state, attempt, ending);
}

/** What a broken branch or model makes of what would have been completed. */
function failure(state: PipelineState, { task, ending }: Attempt): ErrorClass | undefined {
  const { faults, minute, random } = state;
  if (ending !== 'completed') return undefined;
  const fault = faults
    .active('fail', minute)
    .find(({ where, share }) => matches(task.work, where) && random.chance(share));
  return hit(state, fault)?.error_class;
}

function fail(state: PipelineState, attempt: Attempt, error: ErrorClass): void {
  const { task, runner } = attempt;
  const { minute } = state;
  countFailure(state, task, error);
  const fault = faultOf[error];
  if (fault === 'provider') {
    pauseAfter(state, task.work.executor, error);
    state.queue.push({ ...task, not_before: minute + 1 });
  } else if (fault === 'set_up') {
    state.runners.find(({ id }) => id === runner)?.closed.set(task.work.executor, error);
    state.queue.push({ ...task, not_before: minute + 2 });
  } else if (fault !== 'ours') {
    retry(state, task);
  }
}

export function retry(state: PipelineState, task: SimulatedTask): void {
  const spent = task.spent + 1;
  if (spent < maxAttempts) state.queue.push({ ...task, spent, not_before: state.minute + 1 });
  else finish(state, task, 'failed');
}

export function countFailure(
  { table }: PipelineState,
  { work }: SimulatedTask,
  error_class: ErrorClass,
): void {
  const { project, task_type, executor } = work;
  const labels = { project, task_type, executor, error_class };
  table.counter('store', ledgerMetrics.attempts_failed.name, labels).value += 1;
}

function finish(state: PipelineState, { work }: SimulatedTask, status: 'completed' | 'failed'): void {
  const labels = labelsOf(state, work);
  for (const each of ['completed', 'failed']) {
    const counter = state.table.counter('store', ledgerMetrics.tasks_finished.name, {
      ...labels,
      status: each,
    });
    counter.value += each === status ? 1 : 0;
  }
  if (status === 'completed') state.pauses.delete(work.executor);
}

/** A task whose runner has died has lost an attempt. */
export function lose(state: PipelineState, { task }: Attempt): void {
  countFailure(state, task, 'lost');
  retry(state, task);
}
