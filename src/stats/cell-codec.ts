import { realSums, wholeSums } from '../domain/outcome-group.ts';
import type { CellTally, OutcomeCell } from './outcome-cells.ts';

/**
 * Cells in few bytes: whole numbers as varints, seconds and dollars as doubles, and of the durations the distance from
 * each bucket to the next and its count. The buckets are those of `log-buckets.ts`: another mapping is another format.
 */
const format = 1;

/** @throws RangeError for a count below 0, which more was taken away from than was there */
export function encodeCells(cells: readonly OutcomeCell[]): Uint8Array {
  const entries = cells.reduce((sum, { durations }) => sum + durations.slots.length, 0);
  // No varint of a whole double is longer than 8 bytes.
  const bytes = new Uint8Array(9 + cells.length * (8 * (2 + wholeSums.length) + 16) + entries * 10);
  const view = new DataView(bytes.buffer);
  let end = 0;
  const write = (value: number) => {
    end = writeVarint(bytes, end, value);
  };
  write(format);
  write(cells.length);
  for (const { kind, sums, durations } of cells) {
    write(kind);
    for (let i = 0; i < wholeSums.length; i += 1) write(sums[i] ?? 0);
    for (let i = 0; i < realSums.length; i += 1, end += 8)
      view.setFloat64(end, sums[wholeSums.length + i] ?? 0);
    write(durations.slots.length);
    let last = 0;
    for (const [i, slot] of durations.slots.entries()) {
      write(slot - last);
      write(durations.counts[i] ?? 0);
      last = slot;
    }
  }
  return bytes.subarray(0, end);
}

/** Adds what was encoded to the tallies of its kinds. @throws RangeError if it is of another format */
export function addEncoded(bytes: Uint8Array, tallyOf: (kind: number) => CellTally): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const read = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  };
  if (read() !== format) throw new RangeError('a roll-up is of a format that this version does not know');
  for (let cells = read(); cells > 0; cells -= 1) {
    const { sums, durations } = tallyOf(read());
    for (let i = 0; i < wholeSums.length; i += 1) sums[i] = (sums[i] ?? 0) + read();
    for (let i = wholeSums.length; i < wholeSums.length + realSums.length; i += 1, at += 8) {
      sums[i] = (sums[i] ?? 0) + view.getFloat64(at);
    }
    let slot = 0;
    for (let entries = read(); entries > 0; entries -= 1) {
      slot += read();
      const count = read();
      durations?.addAt(slot, count);
    }
  }
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no count`);
  let rest = value;
  let end = at;
  while (rest >= 128) {
    bytes[end] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
    end += 1;
  }
  bytes[end] = rest;
  return end + 1;
}
