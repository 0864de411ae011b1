import type { AlertFigures, SimulationResults } from '../monitoring/simulation-results.ts';
import type { AlertScore, Score } from './score.ts';

/** The figures of several seeds, each by itself and together, as the page of all alerts shows them. */
export function resultsOf(
  scores: readonly Score[],
  { command, days, seeds }: { command: string; days: number; seeds: readonly string[] },
): SimulationResults {
  const alerts = together(scores.flatMap((score) => score.alerts));
  return {
    command,
    days,
    near_misses: scores.flatMap(({ incidents }) => incidents).filter(({ incident }) => incident.small).length,
    false_alarms_per_week: (7 * total(alerts).false_alarms) / (days * scores.length),
    seeds: scores.map((score, index) => ({
      seed: seeds[index] ?? '',
      ...total(together(score.alerts)),
      alerts: together(score.alerts),
    })),
    alerts,
  };
}

/** One entry for each alert. */
function together(scores: readonly AlertScore[]): AlertFigures[] {
  return [...Map.groupBy(scores, ({ alert }) => alert)].map(([alert, own]) => ({
    alert,
    ...total(own),
    delay_minutes: own.flatMap(({ delays }) => delays),
  }));
}

function total(all: readonly Omit<AlertFigures, 'alert' | 'delay_minutes'>[]) {
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((so_far, one) => so_far + of(one), 0);
  return {
    incidents: sum(({ incidents }) => incidents),
    found: sum(({ found }) => found),
    messages: sum(({ messages }) => messages),
    repeats: sum(({ repeats }) => repeats),
    false_alarms: sum(({ false_alarms }) => false_alarms),
  };
}
