import { enclose } from './promql.ts';

/**
 * By how much a counter that comes out of the store has grown within a window, as PromQL: the largest last
 * value of any replica less the smallest first one, for each label set.
 *
 * `increase` is not right for these counters. Summed, it counts a failure once for each replica; as a maximum
 * it misses what came before a replica was replaced; it extrapolates, so that two failures of a new series can
 * read as three; and where a store has lost its last writes it takes the fall for a restart and counts all there
 * ever was. What is exported never starts again from zero, so a plain difference is exact.
 */
export function storeIncrease(
  metric: { name: string; labels: readonly string[] },
  window: string,
  matchers = '',
): string {
  // By explicit labels, never `without (instance)`: operators add labels of their own, such as `pod`.
  const by = `by (${['job', ...metric.labels].join(', ')})`;
  const range = `${metric.name}${matchers && `{${matchers}}`}[${window}]`;
  return [`max ${by} (last_over_time(${range}))`, '-', `min ${by} (min_over_time(${range}))`].join('\n');
}

/** The same, summed up to fewer labels. */
export function storeIncreaseBy(
  labels: readonly string[],
  ...increase: Parameters<typeof storeIncrease>
): string {
  return `sum by (${labels.join(', ')}) ${enclose(storeIncrease(...increase))}`;
}
