import { expect, test } from 'vitest';
import { goalsMissed, showResults } from './result-table.ts';
import { resultsOf } from './results.ts';
import type { AlertScore, Score } from './score.ts';

function score(alerts: (Pick<AlertScore, 'alert'> & Partial<AlertScore>)[]): Score {
  const empty = {
    incidents: 0,
    found: 0,
    messages: 0,
    true_alarms: 0,
    repeats: 0,
    false_alarms: 0,
    delays: [],
  };
  return {
    alerts: alerts.map((own) => ({ ...empty, ...own })),
    incidents: [],
    false_alarms: [],
    repeats: [],
  };
}

const alert = 'AgentCostSpike';
const good = score([{ alert, incidents: 2, found: 2, messages: 3, repeats: 1, delays: [10, 30] }]);
const poor = score([{ alert, incidents: 2, found: 1, messages: 5, false_alarms: 4, delays: [20] }]);
const run = { command: 'npm run simulate', days: 7 };

test('figures of seeds are added up, and each is shown by itself', () => {
  const results = resultsOf([good, poor], { ...run, seeds: ['1', '2'] });
  expect(results.all.alerts).toEqual([
    { alert, incidents: 4, found: 3, messages: 8, repeats: 1, false_alarms: 4, delay_minutes: [10, 30, 20] },
  ]);
  expect(results.all.seeds.map(({ seed, found, incidents }) => [seed, found, incidents])).toEqual([
    ['1', 2, 2],
    ['2', 1, 2],
  ]);
  const lines = showResults(results).split('\n');
  const rows = lines.filter((line) => line.startsWith(alert)).map((line) => line.trim().split(/ {2,}/));
  expect(rows).toEqual([
    [alert, '2 of 2', '3', '1', '0', '100 %', '10'],
    [alert, '1 of 2', '5', '0', '4', '20 %', '20'],
    [alert, '3 of 4', '8', '1', '4', '50 %', '20'],
  ]);
  expect(lines).toContain('2.00 false alarms a week');
});

test('a goal is missed by an incident that was not found, and by more than one false alarm a week', () => {
  expect(goalsMissed(resultsOf([good], { ...run, seeds: ['1'] }).all)).toEqual([]);
  expect(goalsMissed(resultsOf([poor], { ...run, seeds: ['2'] }).all)).toEqual([
    'AgentCostSpike missed 1 of 2 incidents.',
    'More than 1 false alarm a week.',
  ]);
});
