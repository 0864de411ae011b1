import { expect, test } from 'vitest';
import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { neededServer } from '../needed-server.ts';

test('in a week of a pipeline every incident is told of, and at most one message is about nothing', async () => {
  const { incidents, false_alarms } = await simulate({
    server: { ...neededServer('prometheus'), found: true },
    objectives: profiles.default,
    declarations: alertDeclarations,
    seed: '1',
    days: 7,
    step: 5,
    slowStep: 5,
    say: () => {},
  });
  const expected = incidents.filter(({ incident }) => incident.expected);
  expect(expected.length).toBeGreaterThan(10);
  expect(expected.filter(({ found_at }) => found_at === undefined)).toEqual([]);
  expect(false_alarms.length).toBeLessThanOrEqual(1);
}, 240_000);
