import { type DurationCounts, outcomeSums } from '../domain/outcome-group.ts';
import { DurationTally } from './duration-tally.ts';

/** What the outcomes of one kind come to, of one label set and one time. */
export interface OutcomeCell {
  /** The number that the store gave the kind. */
  kind: number;
  /** In the order of `outcomeSums`. */
  sums: readonly number[];
  durations: DurationCounts;
}

/** One kind's figures while they are added up. */
export class CellTally {
  readonly sums: number[] = outcomeSums.map(() => 0);
  readonly durations = new DurationTally();
  used = false;

  addSums(sums: readonly number[], sign: 1 | -1 = 1): void {
    for (let i = 0; i < sums.length; i += 1) this.sums[i] = (this.sums[i] ?? 0) + sign * (sums[i] ?? 0);
  }

  clear(): void {
    this.sums.fill(0);
    this.durations.clear();
    this.used = false;
  }
}

/** Adds up cells of one label set. `take` answers the sums and begins anew, on the memory that is there. */
export class CellAccumulator {
  readonly #tallies = new Map<number, CellTally>();

  tally(kind: number): CellTally {
    let tally = this.#tallies.get(kind);
    if (!tally) {
      tally = new CellTally();
      this.#tallies.set(kind, tally);
    }
    tally.used = true;
    return tally;
  }

  add({ kind, sums, durations }: OutcomeCell): void {
    const tally = this.tally(kind);
    tally.addSums(sums);
    tally.durations.add(durations);
  }

  /** By kind; one that nothing is left of is no more. */
  take(): OutcomeCell[] {
    const cells: OutcomeCell[] = [];
    for (const [kind, tally] of this.#tallies) {
      if (!tally.used) continue;
      if (tally.sums[0] !== 0)
        cells.push({ kind, sums: [...tally.sums], durations: tally.durations.counts() });
      tally.clear();
    }
    return cells;
  }
}

/** Cells by the number that the store gave their label set. */
export type CellsByLabelSet = ReadonlyMap<number, readonly OutcomeCell[]>;

/** The sums of what lies in several places. */
export function mergeCells(parts: readonly CellsByLabelSet[]): CellsByLabelSet {
  const merged = new Map<number, readonly OutcomeCell[]>();
  const accumulator = new CellAccumulator();
  for (const labelSet of new Set(parts.flatMap((part) => [...part.keys()]))) {
    const found = parts.flatMap((part) => part.get(labelSet) ?? []);
    const kinds = new Set(found.map(({ kind }) => kind));
    // What is in one place only stays as it is.
    if (kinds.size < found.length) for (const cell of found) accumulator.add(cell);
    merged.set(labelSet, kinds.size < found.length ? accumulator.take() : found);
  }
  return merged;
}
