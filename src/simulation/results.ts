import type { AlertFigures, SimulationResults } from '../monitoring/simulation-results.ts';
import type { AlertScore, Score } from './score.ts';

export interface Results {
  /** As the page of all alerts shows them. */
  all: SimulationResults;
  /** Of each alert, in the order of the seeds. */
  bySeed: AlertFigures[][];
}

/** The figures of several seeds, each by itself and together. */
export function resultsOf(
  scores: readonly Score[],
  { command, days, seeds }: { command: string; days: number; seeds: readonly string[] },
): Results {
  const alerts = together(scores.flatMap((score) => score.alerts));
  const all = {
    command,
    days,
    near_misses: scores.flatMap(({ incidents }) => incidents).filter(({ incident }) => incident.small).length,
    false_alarms_per_week: (7 * total(alerts).false_alarms) / (days * scores.length),
    seeds: scores.map((score, index) => ({
      seed: seeds[index] ?? '',
      ...total(score.alerts),
    })),
    alerts,
  };
  return { all, bySeed: scores.map((score) => together(score.alerts)) };
}

/** One entry for each alert. */
function together(scores: readonly AlertScore[]): AlertFigures[] {
  return [...Map.groupBy(scores, ({ alert }) => alert)].map(([alert, own]) => ({
    alert,
    ...total(own),
    delay_minutes: own.flatMap(({ delays }) => delays),
  }));
}

function total(figures: readonly Omit<AlertFigures, 'alert' | 'delay_minutes'>[]) {
  const sum = (of: (one: (typeof figures)[number]) => number) =>
    figures.reduce((so_far, one) => so_far + of(one), 0);
  return {
    incidents: sum(({ incidents }) => incidents),
    found: sum(({ found }) => found),
    messages: sum(({ messages }) => messages),
    repeats: sum(({ repeats }) => repeats),
    false_alarms: sum(({ false_alarms }) => false_alarms),
  };
}
