import type { OutcomeLabels } from './labels.ts';
import { excludedFault, type TaskMetric, unknownErrorClass } from './outcome.ts';
import type { Verdict } from './verdict.ts';

/**
 * What is counted. Every counter is a sum over an append-only ledger of increments, so retention, repricing
 * and migrations never move one. `telemetry/names.ts` gives each its Prometheus name.
 */
export type CounterKind =
  | 'tasks_finished'
  | 'attempts_failed'
  | 'tokens'
  | 'cost_usd'
  | 'unpriced_attempts'
  | 'verdicts'
  | 'label_overflow';

export interface Increment {
  counter: CounterKind;
  labels: Record<string, string>;
  amount: number;
}

/** One exported counter series. `value` is what may be shown now: 0 while the series is held. */
export interface CounterSeries {
  counter: CounterKind;
  labels: Record<string, string>;
  value: number;
}

/** Records older than this when they arrive are stored but not counted: Prometheus would show them as now. */
export const countedWithin = 24 * 3600 * 1000;

/** The series that must exist before a task with these labels ends, so that Prometheus sees them at 0. */
export function seriesBornWith(labels: OutcomeLabels): Omit<Increment, 'amount'>[] {
  return (['completed', 'failed'] as const).map((status) => ({
    counter: 'tasks_finished',
    labels: { ...labels, status },
  }));
}

/** What one outcome adds to the counters. `labels` are its bounded labels. */
export function incrementsOf(metric: TaskMetric, labels: OutcomeLabels): Increment[] {
  return [...outcomeIncrements(metric, labels), ...spentIncrements(metric, labels)];
}

function outcomeIncrements(metric: TaskMetric, labels: OutcomeLabels): Increment[] {
  const increments: Increment[] = [];
  if (metric.final && !excludedFault(metric.error_class)) {
    increments.push({ counter: 'tasks_finished', labels: { ...labels, status: metric.status }, amount: 1 });
  }
  if (metric.status === 'failed') {
    const { project, task_type, executor } = labels;
    const error_class = metric.error_class ?? unknownErrorClass;
    increments.push({
      counter: 'attempts_failed',
      labels: { project, task_type, executor, error_class },
      amount: 1,
    });
  }
  return increments;
}

/** What a verdict adds; one that takes the place of another is counted too, and the other stays counted. */
export function verdictIncrement(verdict: Verdict, labels: OutcomeLabels): Increment {
  return { counter: 'verdicts', labels: { ...labels, verdict }, amount: 1 };
}

/** What one outcome has spent: tokens by kind, and money or the lack of a price. */
export function spentIncrements(metric: TaskMetric, labels: OutcomeLabels): Increment[] {
  const increments: Increment[] = [];
  const { usage } = metric;
  if (usage) {
    for (const token_type of ['input_uncached', 'cache_read', 'cache_write', 'output'] as const) {
      increments.push({ counter: 'tokens', labels: { ...labels, token_type }, amount: usage[token_type] });
    }
  }
  if (metric.cost_usd !== undefined) {
    const { billing } = metric;
    increments.push({ counter: 'cost_usd', labels: { ...labels, billing }, amount: metric.cost_usd });
  } else if (metric.cost_source === 'unpriced') {
    increments.push({ counter: 'unpriced_attempts', labels: { ...labels }, amount: 1 });
  }
  return increments;
}
