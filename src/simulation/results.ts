import type { SimulationResults } from '../monitoring/alerts-page.ts';
import type { Score } from './score.ts';

/** The figures of several seeds together, as the page of all alerts shows them. */
export function resultsOf(
  scores: readonly Score[],
  run: { command: string; days: number; seeds: string[] },
): SimulationResults {
  const all = scores.flatMap(({ alerts }) => alerts);
  const names = [...new Set(all.map(({ alert }) => alert))];
  const falseAlarms = scores.reduce((sum, { false_alarms }) => sum + false_alarms.length, 0);
  return {
    ...run,
    false_alarms_per_week: (7 * falseAlarms) / (run.days * scores.length),
    alerts: names.map((alert) => {
      const own = all.filter((score) => score.alert === alert);
      const sum = (of: (score: (typeof own)[number]) => number) =>
        own.reduce((total, one) => total + of(one), 0);
      return {
        alert,
        incidents: sum(({ incidents }) => incidents),
        found: sum(({ found }) => found),
        messages: sum(({ messages }) => messages),
        false_alarms: sum(({ false_alarms }) => false_alarms),
        median_delay_minutes: median(own.flatMap(({ delays }) => delays)),
      };
    }),
  };
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
