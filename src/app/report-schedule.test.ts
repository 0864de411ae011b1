import { expect, test } from 'vitest';
import { latestDue } from './report-schedule.ts';

const at = (time: string) => Date.parse(time);

test.each([
  ['2026-03-02T09:00:00Z', '08:00', 'UTC', '2026-03-02T08:00:00Z'],
  ['2026-03-02T07:59:00Z', '08:00', 'UTC', '2026-03-01T08:00:00Z'],
  ['2026-03-02T07:30:00Z', '08:00', 'Europe/Berlin', '2026-03-02T07:00:00Z'],
  // The clocks went forward in the night before.
  ['2026-03-29T07:30:00Z', '08:00', 'Europe/Berlin', '2026-03-29T06:00:00Z'],
  ['2026-03-01T02:00:00Z', '22:00', 'America/New_York', '2026-02-28T03:00:00Z'],
])('at %s the last report of %s %s was due at %s', (now, time, zone, due) => {
  expect(new Date(latestDue(at(now), time, zone)).toISOString()).toBe(new Date(at(due)).toISOString());
});
