import { ledgerMetrics } from '../../../telemetry/names.ts';
import { counted } from '../counts.ts';
import { dashboardFilters } from '../filters.ts';
import { stored, sumBy } from '../queries.ts';

export const filters = dashboardFilters.usage;

/** What a subscription would have cost by the token is no money. */
export const paidOnly = 'billing!="subscription"';
export const notionalOnly = 'billing="subscription"';

type Spent = 'cost_usd' | 'tokens' | 'unpriced_attempts' | 'tasks_finished' | 'verdicts';

/** How much of it there was within a window. */
export function within(
  window: '$__range' | '$__interval' | '1d',
  by: readonly string[],
  counter: Spent,
  ...more: string[]
): string {
  return sumBy(by, counted(stored(ledgerMetrics[counter], filters, ...more), window));
}
