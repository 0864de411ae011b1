import { alertComponent, type MetricDefinition } from '../../telemetry/names.ts';
import { enclose } from '../promql.ts';
import { quarterSeries } from '../recording/quarters.ts';
import { storeSeriesName } from '../recording/store-series.ts';
import type { Filter } from './filters.ts';

/** PromQL of what several panels ask. Grafana puts values for what begins with `$`. */

/** The matchers for these filters, and more. A value that is not set is `.*`. */
export function matching(filters: readonly Filter[], ...more: string[]): string {
  return [...filters.map((label) => `${label}=~"$${label}"`), ...more].join(',');
}

/** A series of the store, once however many replicas export it; the filters that its labels allow. */
export function stored(metric: MetricDefinition, filters: readonly Filter[], ...more: string[]): string {
  const allowed = filters.filter((label) => metric.labels.includes(label));
  return `${storeSeriesName(metric)}{${matching(allowed, ...more)}}`;
}

export function sumBy(labels: readonly string[], expr: string): string {
  return `${aggregate('sum', labels)} ${enclose(expr)}`;
}

/** A share; without a value where the whole is nothing. */
export function share(part: string, whole: string): string {
  return `${enclose(part)}\n/\n(${enclose(whole)} > 0)`;
}

/** How long ago, of a series that holds a time in seconds. */
export function age(labels: readonly string[], series: string): string {
  return `time() - ${aggregate('min', labels)} (${series})`;
}

/** How much there was of what is recorded for each quarter of an hour, to the full one. */
export function inQuarters(
  record: string,
  filters: readonly Filter[],
  window: string,
  ...more: string[]
): string {
  return `sum_over_time(${record}{${matching(filters, ...more)}}[${window}:15m])`;
}

/** As few observations as let one be expected beyond the quantile. */
const least = { 0.5: 4, 0.95: 20 } as const;

export interface QuantileOptions {
  metric: keyof typeof quarterSeries.times;
  by: readonly string[];
  filters: readonly Filter[];
  window: string;
  matchers?: readonly string[];
  /** Gives the series a label that `by` names. */
  relabel?(expr: string): string;
}

/** What so many of the times in a histogram did not exceed within a window, of enough of them. */
export function quantile(of: 0.5 | 0.95, options: QuantileOptions): string {
  const { metric, by, filters, window, matchers = [], relabel = (expr) => expr } = options;
  const counted = (...more: string[]) =>
    relabel(inQuarters(quarterSeries.times[metric], filters, window, ...matchers, ...more));
  return [
    `histogram_quantile(${of}, ${aggregate('sum', [...by, 'le'])} (${counted()}))`,
    `and on (${by.join(', ')})`,
    `(${aggregate('sum', by)} (${counted('le="+Inf"')}) >= ${least[of]})`,
  ].join('\n');
}

/** The bound of a share that is true with 95 % confidence, after Wilson (1927): right for few tasks too. */
export function wilsonBound(bound: 'lower' | 'upper', part: string, whole: string): string {
  const [k, n] = [enclose(part), enclose(whole)];
  const z2 = 3.8416;
  const middle = `(${k} + ${z2 / 2})`;
  const half = `1.96 * sqrt(${k} * (${n} - ${k}) / (${n} > 0) + ${z2 / 4})`;
  return `(${middle} ${bound === 'lower' ? '-' : '+'} ${half}) / (${n} + ${z2})`;
}

/** Always fires, to say that rules are evaluated. */
const heartbeat = 'Watchdog';
export const rulesAreEvaluated = `ALERTS{alertname="${heartbeat}",alertstate="firing",component="${alertComponent}"}`;

/** The alerts of Andon's that fire, about what the filters leave or about no part of it. */
export function firingAlerts(filters: readonly Filter[], ...more: string[]): string {
  return `ALERTS{${alertMatchers(filters, 'alertstate="firing"', ...more)}}`;
}

/** Since when they fire or are about to, in milliseconds since the epoch. */
export function firingSince(filters: readonly Filter[], ...more: string[]): string {
  const since = `ALERTS_FOR_STATE{${alertMatchers(filters, ...more)}}`;
  return `${since} * 1000\nand ignoring (alertstate)\n${firingAlerts(filters, ...more)}`;
}

/** What alerts are about. */
const alertsHave: readonly Filter[] = ['project', 'task_type', 'model', 'executor'];

function alertMatchers(filters: readonly Filter[], ...more: string[]): string {
  const about = filters
    .filter((label) => alertsHave.includes(label))
    .map((label) => `${label}=~"$${label}|"`);
  return [`component="${alertComponent}"`, `alertname!="${heartbeat}"`, ...more, ...about].join(',');
}

function aggregate(operation: string, labels: readonly string[]): string {
  return labels.length === 0 ? operation : `${operation} by (${labels.join(', ')})`;
}
