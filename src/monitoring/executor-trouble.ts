import type { ErrorClass } from '../domain/outcome.ts';
import { ledgerMetrics, storeGauges } from '../telemetry/names.ts';
import { durationSeconds, type Objectives } from './objectives.ts';
import { enclose } from './promql.ts';
import { storeIncreaseBy } from './store-increase.ts';

/** The labels of the alerts about an executor that gets no tasks; `reason` is the error class. */
export const executorSubject = ['executor', 'reason'] as const;

type Limits = Objectives['executor_closed'];

/**
 * The executors that were held for these classes for most of the window, or of which attempts failed so and none was
 * completed: outcomes that are only reported (`andon exec`, another runner) hold nothing.
 */
export function executorTrouble(classes: readonly ErrorClass[], limits: Limits): string {
  const { window, share, count_window, short_count_window } = limits;
  const held = `${storeGauges.executor_held.name}{reason=~"${classes.join('|')}"}`;
  return [
    `max by (executor, reason) (avg_over_time(${held}[${window}])) >= ${share}`,
    'or',
    failing(classes, short_count_window, limits),
    'or',
    failing(classes, count_window, limits),
  ].join('\n');
}

function failing(classes: readonly ErrorClass[], window: string, { count }: Limits): string {
  const failures = storeIncreaseBy(
    ['executor', 'error_class'],
    ledgerMetrics.attempts_failed,
    window,
    `error_class=~"${classes.join('|')}"`,
  );
  const named = `label_replace(${failures}, "reason", "$1", "error_class", "(.*)")`;
  const completed = storeIncreaseBy(['executor'], ledgerMetrics.tasks_finished, window, 'status="completed"');
  return [
    `sum by (executor, reason) ${enclose(named)} >= ${count}`,
    'unless on (executor)',
    `(${completed} > 0)`,
  ].join('\n');
}

/** When that is, in words. */
export function troubleCondition(what: string, limits: Limits): string {
  const { window, share, count, count_window, short_count_window } = limits;
  const minutes = Math.round((durationSeconds(window) * share) / 6) / 10;
  return (
    `An executor was ${what} for ${minutes} of the last ${durationSeconds(window) / 60} minutes; or at least ${count} ` +
    `attempts failed of that within ${short_count_window} or ${count_window} and none was completed.`
  );
}
