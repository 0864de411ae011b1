import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationTally } from './duration-tally.ts';
import { bucketOf, slotOf } from './log-buckets.ts';

function tallyOf(durations: readonly number[]): DurationTally {
  const tally = new DurationTally();
  for (const duration of durations) tally.addAt(slotOf(bucketOf(duration)), 1);
  return tally;
}

test('a quantile is within 1 % of the value of its rank, however the counts were merged', () => {
  const durations = fc.array(fc.double({ min: 0.01, max: 86_400, noNaN: true }), { maxLength: 150 });
  const some = durations.filter(({ length }) => length > 0);
  fc.assert(
    fc.property(some, durations, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, q) => {
      const tally = tallyOf(one);
      tally.add(tallyOf(other).counts());
      const sorted = [...one, ...other].sort((a, b) => a - b);
      const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
      expect(Math.abs((tally.quantile(q) ?? Number.NaN) - exact) / exact).toBeLessThanOrEqual(0.01 + 1e-9);
    }),
  );
});

test('no outcomes have no quantile, instant ones are 0, and what was taken away is gone', () => {
  const tally = new DurationTally();
  expect(tally.quantile(0.5)).toBeUndefined();
  tally.addAt(slotOf(bucketOf(0)), 3);
  expect(tally.quantile(0.95)).toBe(0);
  tally.addAt(slotOf(bucketOf(60)), 1);
  tally.addAt(slotOf(bucketOf(60)), -1);
  expect(tally.counts()).toEqual({ slots: [0], counts: [3] });
  tally.clear();
  expect(tally.counts()).toEqual({ slots: [], counts: [] });
});
