import fc from 'fast-check';
import { expect, test } from 'vitest';
import { day, hour, planWindow } from './window-plan.ts';

const at = (time: string) => Date.parse(`2026-03-${time}Z`);
const records = { oldest: at('01T05:30:00'), newest: at('09T14:20:00') };

test('a window is full days, full hours and two ragged edges', () => {
  const plan = planWindow({ from: at('02T22:10:00'), to: at('05T02:05:00') }, records);
  expect(plan).toEqual({
    settled: [
      { from: at('02T23:00:00'), to: at('03T00:00:00'), length: hour },
      { from: at('03T00:00:00'), to: at('05T00:00:00'), length: day },
      { from: at('05T00:00:00'), to: at('05T02:00:00'), length: hour },
    ],
    current: [],
    edges: [
      { from: at('02T22:10:00'), to: at('02T23:00:00') },
      { from: at('05T02:00:00'), to: at('05T02:05:00') },
    ],
  });
});

test('after the newest record the hour that is being written is used whole, before the oldest the day', () => {
  expect(planWindow({ from: at('01T05:30:00'), to: at('09T14:20:00.001') }, records)).toEqual({
    settled: [
      { from: at('01T00:00:00'), to: at('09T00:00:00'), length: day },
      { from: at('09T00:00:00'), to: at('09T14:00:00'), length: hour },
    ],
    current: [{ from: at('09T14:00:00'), to: at('09T15:00:00'), length: hour }],
    edges: [],
  });
  const beginsAfterTheOldest = planWindow({ from: at('01T05:30:00.001'), to: at('02T00:00:00') }, records);
  expect(beginsAfterTheOldest.edges).toEqual([{ from: at('01T05:30:00.001'), to: at('01T06:00:00') }]);
});

test('a window within an hour is read from records', () => {
  const window = { from: at('03T04:10:00'), to: at('03T04:50:00') };
  expect(planWindow(window, records)).toEqual({ settled: [], current: [], edges: [window] });
});

test('what a plan consists of covers each record of the window once, and no other', () => {
  const time = fc.oneof(
    fc.integer({ min: 0, max: 3 * day }),
    fc.integer({ min: 0, max: 72 }).map((hours) => hours * hour),
  );
  fc.assert(
    fc.property(time, time, fc.array(time, { minLength: 1, maxLength: 30 }), (from, to, times) => {
      const plan = planWindow({ from, to }, { oldest: Math.min(...times), newest: Math.max(...times) });
      const parts = [...plan.settled, ...plan.current, ...plan.edges];
      const coverings = times.map(
        (time) => parts.filter((part) => part.from <= time && time < part.to).length,
      );
      expect(coverings).toEqual(times.map((time) => (from <= time && time < to ? 1 : 0)));
      for (const { from, to, length } of [...plan.settled, ...plan.current]) {
        expect([from % length, to % length]).toEqual([0, 0]);
      }
      for (const { from, to } of plan.edges)
        expect(Math.floor(from / hour)).toBe(Math.floor((to - 1) / hour));
    }),
  );
});
