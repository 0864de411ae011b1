import { expect, test } from 'vitest';
import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { neededServer } from '../needed-server.ts';

/** What people may be told of one incident and of what follows from it, on average. */
const messagesPerIncident = 2;

test('in a week of a pipeline every incident is told of, about once, and at most one message is about nothing', async () => {
  const { incidents, alerts, false_alarms } = await simulate({
    server: { ...neededServer('prometheus'), found: true },
    objectives: profiles.default,
    declarations: alertDeclarations,
    seed: '1',
    days: 7,
    step: 5,
    slowStep: 5,
    say: () => {},
  });
  const expected = incidents.filter(({ incident }) => incident.expected && !incident.small);
  expect(expected.length).toBeGreaterThan(15);
  expect(expected.filter(({ found_at }) => found_at === undefined)).toEqual([]);
  expect(false_alarms.length, JSON.stringify(false_alarms)).toBeLessThanOrEqual(1);
  const told = alerts.reduce((sum, { messages }) => sum + messages, 0);
  expect(told).toBeLessThanOrEqual(messagesPerIncident * expected.length);
  // Half of what is told, at the least, is the first message about an incident.
  const first = alerts.reduce((sum, { true_alarms }) => sum + true_alarms, 0);
  expect(first).toBeGreaterThanOrEqual(told / 2);
}, 240_000);
