import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketAt, bucketOf, bucketValue, slotOf, slots, zeroBucket } from './log-buckets.ts';

const seconds = fc.double({ min: 0.0011, max: 2_678_400, noNaN: true });

test('every duration is within 1 % of the value of its bucket', () => {
  fc.assert(
    fc.property(seconds, (seconds) => {
      expect(Math.abs(bucketValue(bucketOf(seconds)) - seconds) / seconds).toBeLessThanOrEqual(0.01 + 1e-9);
    }),
  );
});

test('each bucket has a slot of its own, in the same order, and nothing lies outside', () => {
  fc.assert(
    fc.property(seconds, (seconds) => {
      expect(bucketAt(slotOf(bucketOf(seconds)))).toBe(bucketOf(seconds));
    }),
  );
  expect(bucketAt(slotOf(zeroBucket))).toBe(zeroBucket);
  // The numbers of a bucket just under a second are 0 and not -0.
  expect(bucketOf(0.9801980198019803)).toBe(0);
  expect([bucketOf(0), bucketOf(0.001001), bucketOf(1e9), bucketOf(1e30)].map(slotOf)).toEqual([
    0,
    1,
    slots - 1,
    slots - 1,
  ]);
});
