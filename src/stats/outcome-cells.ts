import { type DurationCounts, outcomeSums } from '../domain/outcome-group.ts';
import { DurationTally } from './duration-tally.ts';

/** What the outcomes of one kind come to, of one label set and one period: what is stored. */
export interface OutcomeCell {
  /** The number that the store gave the kind. */
  kind: number;
  /** In the order of `outcomeSums`. */
  sums: readonly number[];
  durations: DurationCounts;
}

/** One kind's figures while they are added up. */
export interface CellTally {
  sums: number[];
  /** Absent where nobody will ask for them. */
  durations?: DurationTally;
}

export function noSums(): number[] {
  return outcomeSums.map(() => 0);
}

export function addSums(into: number[], sums: readonly number[], sign: 1 | -1 = 1): void {
  for (let i = 0; i < sums.length; i += 1) into[i] = (into[i] ?? 0) + sign * (sums[i] ?? 0);
}

/** Adds up cells of one label set. `take` answers the sums and begins anew, on the memory that is there. */
export class CellAccumulator {
  readonly #tallies = new Map<number, Required<CellTally>>();
  readonly #used = new Set<number>();

  tally(kind: number): Required<CellTally> {
    this.#used.add(kind);
    const known = this.#tallies.get(kind);
    if (known) return known;
    const tally = { sums: noSums(), durations: new DurationTally() };
    this.#tallies.set(kind, tally);
    return tally;
  }

  /** A kind that nothing is left of has no cell. */
  take(): OutcomeCell[] {
    const cells: OutcomeCell[] = [];
    for (const kind of this.#used) {
      const { sums, durations } = this.tally(kind);
      if (sums[0] !== 0) cells.push({ kind, sums: [...sums], durations: durations.counts() });
    }
    this.clear();
    return cells;
  }

  clear(): void {
    for (const kind of this.#used) {
      const { sums, durations } = this.tally(kind);
      sums.fill(0);
      durations.clear();
    }
    this.#used.clear();
  }
}
