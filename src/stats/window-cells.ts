import type { DurationCounts } from '../domain/outcome-group.ts';
import { DurationTally } from './duration-tally.ts';
import { type CellTally, noSums } from './outcome-cells.ts';

/** What a part of a window comes to, of one label set. */
export interface WindowCells {
  /** By the number of the kind, in the order of `outcomeSums`. */
  kinds: ReadonlyMap<number, readonly number[]>;
  /** Of the kinds that count in success, to be added up. */
  durations: readonly DurationCounts[];
}

/** By the number that the store gave the label set. */
export type WindowPart = ReadonlyMap<number, WindowCells>;

/** Adds up one label set's part of a window. `take` answers it, and begins anew. */
export class WindowTally {
  readonly #countsInSuccess: (kind: number) => boolean;
  readonly #durations = new DurationTally();
  #kinds = new Map<number, CellTally & { durations: DurationTally | undefined }>();

  constructor(countsInSuccess: (kind: number) => boolean) {
    this.#countsInSuccess = countsInSuccess;
  }

  tally(kind: number): CellTally {
    const known = this.#kinds.get(kind);
    if (known) return known;
    const tally = { sums: noSums(), durations: this.#countsInSuccess(kind) ? this.#durations : undefined };
    this.#kinds.set(kind, tally);
    return tally;
  }

  take(): WindowCells {
    const kinds = new Map([...this.#kinds].map(([kind, { sums }]) => [kind, sums] as const));
    const durations = this.#durations.counts();
    this.#kinds = new Map();
    this.#durations.clear();
    return { kinds, durations: durations.counts.length > 0 ? [durations] : [] };
  }
}

/** The sums of what lies in several parts. */
export function mergeParts(parts: readonly WindowPart[]): WindowPart {
  const found = new Map<number, WindowCells[]>();
  for (const part of parts) {
    for (const [labelSet, cells] of part) {
      const others = found.get(labelSet);
      if (others) others.push(cells);
      else found.set(labelSet, [cells]);
    }
  }
  return new Map([...found].map(([labelSet, cells]) => [labelSet, mergeCells(cells)]));
}

function mergeCells([first, ...others]: readonly WindowCells[]): WindowCells {
  if (first && others.length === 0) return first;
  const kinds = new Map(first?.kinds);
  for (const { kinds: added } of others) {
    for (const [kind, sums] of added) {
      const known = kinds.get(kind);
      kinds.set(kind, known ? sums.map((sum, i) => sum + (known[i] ?? 0)) : sums);
    }
  }
  return { kinds, durations: [first, ...others].flatMap((cells) => cells?.durations ?? []) };
}
