import { ledgerMetrics, storeGauges } from '../../../telemetry/names.ts';
import { grew } from '../../grew.ts';
import { dashboardFilters } from '../filters.ts';
import { stored, sumBy } from '../queries.ts';

export const filters = dashboardFilters.pipeline;

/** Tasks that are in a status now. */
export function tasksNow(status: string): string {
  return `sum(${stored(storeGauges.tasks, filters, `status="${status}"`)})`;
}

/** Tasks that finished within a window. */
export function finished(window: string, by: readonly string[], ...more: string[]): string {
  return sumBy(by, grew(stored(ledgerMetrics.tasks_finished, filters, ...more), window));
}

/** Attempts that failed since the bar before. */
export function failed(by: readonly string[], ...more: string[]): string {
  return sumBy(by, grew(stored(ledgerMetrics.attempts_failed, filters, ...more), '$__interval'));
}
