import type { DurationCounts } from '../domain/outcome-group.ts';
import { bucketAt, bucketValue, slots } from './log-buckets.ts';

/** Counts of durations by bucket, to add to; after `clear` it serves again. */
export class DurationTally {
  readonly #counts = new Float64Array(slots);
  /** Nothing lies outside of these. */
  #low = slots;
  #high = -1;

  /** A negative count takes away what was added before. */
  addAt(slot: number, count: number): void {
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
    if (slot < this.#low) this.#low = slot;
    if (slot > this.#high) this.#high = slot;
  }

  add({ slots, counts }: DurationCounts): void {
    const sums = this.#counts;
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] ?? 0;
      sums[slot] = (sums[slot] ?? 0) + (counts[i] ?? 0);
    }
    this.#low = Math.min(this.#low, slots[0] ?? this.#low);
    this.#high = Math.max(this.#high, slots.at(-1) ?? this.#high);
  }

  counts(): DurationCounts {
    const found: { slots: number[]; counts: number[] } = { slots: [], counts: [] };
    for (let slot = this.#low; slot <= this.#high; slot += 1) {
      const count = this.#counts[slot] ?? 0;
      if (count === 0) continue;
      found.slots.push(slot);
      found.counts.push(count);
    }
    return found;
  }

  /**
   * The q-quantile (0 ≤ q ≤ 1), within 1 % of the value of that rank (`⌊q(n−1)⌋` from 0); undefined without durations.
   */
  quantile(q: number): number | undefined {
    let total = 0;
    for (let slot = this.#low; slot <= this.#high; slot += 1) total += this.#counts[slot] ?? 0;
    if (total === 0) return undefined;
    const rank = Math.floor(q * (total - 1));
    let seen = 0;
    for (let slot = this.#low; slot <= this.#high; slot += 1) {
      seen += this.#counts[slot] ?? 0;
      if (seen > rank) return bucketValue(bucketAt(slot));
    }
    return undefined;
  }

  clear(): void {
    if (this.#low <= this.#high) this.#counts.fill(0, this.#low, this.#high + 1);
    this.#low = slots;
    this.#high = -1;
  }
}
