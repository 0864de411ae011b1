import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realSums, wholeSums } from '../domain/outcome-group.ts';
import { addEncoded, encodeCells } from './cell-codec.ts';
import { slots } from './log-buckets.ts';
import { addSums, CellAccumulator, type OutcomeCell } from './outcome-cells.ts';

const whole = fc.oneof(fc.nat(200), fc.maxSafeNat());
const cell: fc.Arbitrary<OutcomeCell> = fc
  .record({
    kind: fc.nat(5000),
    whole: fc.array(whole, { minLength: wholeSums.length, maxLength: wholeSums.length }),
    real: fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), {
      minLength: realSums.length,
      maxLength: realSums.length,
    }),
    durations: fc.uniqueArray(fc.tuple(fc.nat(slots - 1), fc.integer({ min: 1, max: 2 ** 40 })), {
      selector: ([slot]) => slot,
      maxLength: 60,
    }),
  })
  .map(({ kind, whole: [count = 0, ...others], real, durations }) => {
    const sorted = durations.toSorted(([a], [b]) => a - b);
    const slots = sorted.map(([slot]) => slot);
    const sums = [Math.max(1, count), ...others, ...real];
    return { kind, sums, durations: { slots, counts: sorted.map(([, count]) => count) } };
  });
const cells = fc.uniqueArray(cell, { selector: ({ kind }) => kind, maxLength: 8 });

function decode(...encoded: Uint8Array[]): OutcomeCell[] {
  const accumulator = new CellAccumulator();
  for (const bytes of encoded) addEncoded(bytes, (kind) => accumulator.tally(kind));
  return accumulator.take();
}

test('cells come back as they were', () => {
  fc.assert(
    fc.property(cells, (cells) => {
      expect(decode(encodeCells(cells))).toEqual(cells);
    }),
  );
});

test('two encodings are added up, kind by kind', () => {
  const one = (kind: number, count: number) => ({
    kind,
    sums: [count, 0, 0, 0, 7, 0, 0, 0, 0, 1.5, 0.25],
    durations: { slots: [0, 9], counts: [1, count - 1] },
  });
  const sum = decode(encodeCells([one(3, 5)]), encodeCells([one(4, 2), one(3, 10)]));
  expect(sum).toEqual([
    {
      kind: 3,
      sums: [15, 0, 0, 0, 14, 0, 0, 0, 0, 3, 0.5],
      durations: { slots: [0, 9], counts: [2, 13] },
    },
    one(4, 2),
  ]);
});

test('a label set and an hour of a hundred outcomes take some hundred bytes', () => {
  const accumulator = new CellAccumulator();
  for (let i = 0; i < 100; i += 1) {
    const tally = accumulator.tally(i % 10 === 0 ? 2 : 1);
    addSums(tally.sums, [1, 0, 0, 0, 3000, 90_000, 5000, 800, 12, 60, 0.3]);
    tally.durations.addAt(500 + ((i * 37) % 150), 1);
  }
  expect(encodeCells(accumulator.take()).length).toBeLessThan(400);
});

test('what another format wrote is refused, and so is a count below 0', () => {
  expect(() => decode(Uint8Array.of(2, 0))).toThrow(RangeError);
  const cell = { kind: 1, sums: [-1], durations: { slots: [], counts: [] } };
  expect(() => encodeCells([cell])).toThrow('-1 is no count');
});
