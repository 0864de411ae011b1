import {
  type AlertFigures,
  medianDelay,
  precisionOf,
  type SimulationResults,
} from '../monitoring/simulation-results.ts';
import type { Results } from './results.ts';

/** The goal: every incident is found, and so many alarms a week are false. */
const mostFalseAlarms = 1;

const explanation = `
found     incidents that the alert told of in time, of those that it had to tell of
messages  what people are told, as Alertmanager puts it together: of those
repeats   about an incident that was told of, or what follows from one
false     about nothing
precise   the share of the messages that is not false
delay     minutes from the beginning of an incident until half of them were told of
`;

/** What was found, told and made up: a table for each seed, and one for all of them. */
export function showResults({ all, bySeed }: Results): string {
  const { seeds, alerts, near_misses, false_alarms_per_week } = all;
  const single =
    seeds.length === 1 ? [] : seeds.map(({ seed }, at) => table(`Seed ${seed}`, bySeed[at] ?? []));
  const name = seeds.map(({ seed }) => seed).join(', ');
  return [
    ...single,
    table(seeds.length === 1 ? `Seed ${name}` : `All of them: ${name}`, alerts),
    explanation,
    `${near_misses} that were to be incidents were made too small by chance, and are not counted.\n`,
    `${false_alarms_per_week.toFixed(2)} false alarms a week\n`,
  ].join('\n');
}

/** In words, what the goal was and was not reached. */
export function goalsMissed({ alerts, false_alarms_per_week }: SimulationResults): string[] {
  const missed = alerts
    .filter(({ incidents, found }) => found < incidents)
    .map(({ alert, incidents, found }) => `${alert} missed ${incidents - found} of ${incidents} incidents.`);
  const tooMany = false_alarms_per_week > mostFalseAlarms;
  return [...missed, ...(tooMany ? [`More than ${mostFalseAlarms} false alarm a week.`] : [])];
}

function table(title: string, alerts: readonly AlertFigures[]): string {
  const head = ['found', 'messages', 'repeats', 'false', 'precise', 'delay'];
  const rows = alerts.map(
    (figures) =>
      [
        figures.alert,
        [
          figures.incidents === 0 ? '' : `${figures.found} of ${figures.incidents}`,
          `${figures.messages}`,
          `${figures.repeats}`,
          `${figures.false_alarms}`,
          orNothing(precisionOf(figures), ' %'),
          orNothing(medianDelay(figures), ''),
        ],
      ] as const,
  );
  return [line(title, head), ...rows.map(([name, cells]) => line(name, cells))].join('');
}

function orNothing(value: number | undefined, unit: string): string {
  return value === undefined ? '' : `${Math.round(value)}${unit}`;
}

function line(first: string, cells: readonly string[]): string {
  return `${[first.padEnd(30), ...cells.map((cell) => cell.padStart(9))].join('').trimEnd()}\n`;
}
