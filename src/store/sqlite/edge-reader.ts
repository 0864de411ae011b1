import { slotOf } from '../../stats/log-buckets.ts';
import { addSums } from '../../stats/outcome-cells.ts';
import { WeightedCache } from '../../stats/weighted-cache.ts';
import { type WindowCells, type WindowPart, WindowTally } from '../../stats/window-cells.ts';
import { floor, hour, type TimeRange } from '../../stats/window-plan.ts';
import type { Step } from './database.ts';
import type { OutcomeKeys } from './outcome-keys.ts';
import { rolledColumns, rolledOutcomeOf } from './rolled-outcome.ts';
import { maybeNumber } from './row.ts';

/** One record of an hour, with the numbers of its label set and kind. */
interface EdgeRecord {
  at: number;
  labelSet: number;
  kind: number;
  slot: number;
  sums: readonly number[];
}

/** What was read of an hour: all that is in this part of it, by label set. */
interface EdgePart extends TimeRange {
  records: ReadonlyMap<number, readonly EdgeRecord[]>;
}

/** Records that are kept, some 300 bytes each. */
const mostKept = 200_000;

/** Adds up the records of a part of an hour. A window that moves on with the clock finds its next edge in the last one. */
export class EdgeReader {
  readonly #keys: OutcomeKeys;
  readonly #parts = new WeightedCache<EdgePart>(mostKept);

  constructor(keys: OutcomeKeys) {
    this.#keys = keys;
  }

  read(step: Step, edge: TimeRange, labelSets: readonly number[] | undefined): WindowPart {
    const { records } = this.#partWith(step, edge);
    const tally = new WindowTally(this.#keys.countsInSuccess);
    const part = new Map<number, WindowCells>();
    for (const labelSet of labelSets ?? records.keys()) {
      for (const { at, kind, sums, slot } of records.get(labelSet) ?? []) {
        if (at < edge.from || at >= edge.to) continue;
        const ofKind = tally.tally(kind);
        addSums(ofKind.sums, sums);
        ofKind.durations?.addAt(slot, 1);
      }
      const cells = tally.take();
      if (cells.kinds.size > 0) part.set(labelSet, cells);
    }
    return part;
  }

  #partWith(step: Step, edge: TimeRange): EdgePart {
    const start = floor(edge.from, hour);
    const version = String(versionOf(step, start));
    const known = this.#parts.get(String(start), version);
    if (known && known.from <= edge.from && known.to >= edge.to) return known;
    const rows = step.all(
      `SELECT ${rolledColumns} FROM outcomes WHERE created_at >= $from AND created_at < $to`,
      { from: edge.from, to: edge.to },
    );
    const records = rows.map((row): EdgeRecord => {
      const { at, labelSet, kind, bucket, sums } = rolledOutcomeOf(row);
      return {
        at,
        labelSet: this.#keys.labelSets.numberOf(labelSet),
        kind: this.#keys.kinds.numberOf(kind),
        slot: slotOf(bucket),
        sums,
      };
    });
    const part = { ...edge, records: Map.groupBy(records, ({ labelSet }) => labelSet) };
    this.#parts.set(String(start), version, part, 1 + records.length);
    return part;
  }
}

function versionOf(step: Step, start: number): number {
  const row = step.get(`SELECT version FROM rollup_periods WHERE length = $hour AND start = $start`, {
    hour,
    start,
  });
  return maybeNumber(row?.version) ?? 0;
}
