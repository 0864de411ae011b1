import { grew } from '../grew.ts';

/** Each bar stands at its beginning, and the last one is not over: what it counts is after the time that is asked for. */
const bar = '$__interval';
const within = `[${bar}] offset -${bar}`;

/** By how much a counter of the store has grown: within the time shown, a fixed time before its end, or each bar. */
export function counted(series: string, window: '$__range' | '$__interval' | '1d'): string {
  if (window !== bar) return grew(series, window);
  return [
    `last_over_time(${series}${within})`,
    '-',
    `(last_over_time(${series}[15m]) or min_over_time(${series}${within}))`,
  ].join('\n');
}

/** Within each bar, how often something happened that processes count for themselves, from the start of each. */
export function countedByProcesses(by: string, series: string): string {
  return `round(sum by (${by}) (increase(${series}${within})))`;
}
