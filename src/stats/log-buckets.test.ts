import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, bucketValue, quantile } from './log-buckets.ts';

test('every duration is within 1 % of the value of its bucket', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.0011, max: 2_678_400, noNaN: true }), (seconds) => {
      expect(Math.abs(bucketValue(bucketOf(seconds)) - seconds) / seconds).toBeLessThanOrEqual(0.01 + 1e-9);
    }),
  );
});

test('a quantile is within 1 % of the value of its rank, however the counts were merged', () => {
  const durations = fc.array(fc.double({ min: 0.01, max: 86_400, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const counts = new Map<number, number>();
      for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
      expect(Math.abs((quantile(counts, q) ?? Number.NaN) - exact) / exact).toBeLessThanOrEqual(0.01 + 1e-9);
    }),
  );
});

test('no outcomes have no quantile, and instant ones are 0', () => {
  expect(quantile(new Map(), 0.5)).toBeUndefined();
  expect(quantile(new Map([[bucketOf(0), 3]]), 0.95)).toBe(0);
});
