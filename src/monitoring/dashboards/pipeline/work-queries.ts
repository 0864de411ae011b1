import { ledgerMetrics, storeGauges } from '../../../telemetry/names.ts';
import { counted } from '../counts.ts';
import { dashboardFilters } from '../filters.ts';
import { stored, sumBy } from '../queries.ts';

export const filters = dashboardFilters.pipeline;

/** Tasks that are in a status now. */
export function tasksNow(status: string): string {
  return `sum(${stored(storeGauges.tasks, filters, `status="${status}"`)})`;
}

/** Tasks that finished within a window. */
export function finished(
  window: '$__range' | '$__interval',
  by: readonly string[],
  ...more: string[]
): string {
  return sumBy(by, counted(stored(ledgerMetrics.tasks_finished, filters, ...more), window));
}

/** Attempts that failed, by bar. */
export function failed(by: readonly string[], ...more: string[]): string {
  return sumBy(by, counted(stored(ledgerMetrics.attempts_failed, filters, ...more), '$__interval'));
}
