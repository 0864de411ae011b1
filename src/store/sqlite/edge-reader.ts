import { slotOf } from '../../stats/log-buckets.ts';
import { addSums } from '../../stats/outcome-cells.ts';
import { WeightedCache } from '../../stats/weighted-cache.ts';
import { type WindowCells, type WindowPart, WindowTally } from '../../stats/window-cells.ts';
import { ceil, floor, hour, minute, type TimeRange } from '../../stats/window-plan.ts';
import type { Step } from './database.ts';
import type { OutcomeKeys, Wanted } from './outcome-keys.ts';
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

/** What was read of an hour: all that is in this part of it, by the minute. */
interface EdgePart extends TimeRange {
  version: string;
  minutes: ReadonlyMap<number, readonly EdgeRecord[]>;
}

/** Records that are kept, some 300 bytes each. */
const mostKept = 200_000;

/**
 * Adds up the records of a part of an hour. A window that moves on with the clock finds its next edge in the last one:
 * the full minutes of it were added up already.
 */
export class EdgeReader {
  readonly #keys: OutcomeKeys;
  readonly #parts = new WeightedCache<EdgePart>(mostKept);
  readonly #minutes = new WeightedCache<WindowPart>(mostKept);

  constructor(keys: OutcomeKeys) {
    this.#keys = keys;
  }

  read(step: Step, edge: TimeRange, wanted: Wanted): WindowPart[] {
    const part = this.#partWith(step, edge);
    const [from, to] = [ceil(edge.from, minute), floor(edge.to, minute)];
    if (from >= to) return [this.#addUp(part, edge, wanted)];
    return [
      this.#addUp(part, { from: edge.from, to: from }, wanted),
      this.#fullMinutes(part, { from, to }, wanted),
      this.#addUp(part, { from: to, to: edge.to }, wanted),
    ];
  }

  #fullMinutes(part: EdgePart, range: TimeRange, wanted: Wanted): WindowPart {
    const key = JSON.stringify([range.from, range.to, wanted.labels]);
    const known = this.#minutes.get(key, part.version);
    if (known) return known;
    const sums = this.#addUp(part, range, wanted);
    this.#minutes.set(key, part.version, sums, 1 + 20 * sums.size);
    return sums;
  }

  #addUp({ minutes }: EdgePart, { from, to }: TimeRange, { labelSets }: Wanted): WindowPart {
    const only = labelSets && new Set(labelSets);
    const records: EdgeRecord[] = [];
    for (let begin = floor(from, minute); begin < to; begin += minute) {
      for (const record of minutes.get(begin) ?? []) {
        const { at, labelSet } = record;
        if (at >= from && at < to && (!only || only.has(labelSet))) records.push(record);
      }
    }
    const tally = new WindowTally(this.#keys.countsInSuccess);
    const sums = new Map<number, WindowCells>();
    for (const [labelSet, some] of Map.groupBy(records, ({ labelSet }) => labelSet)) {
      for (const { kind, sums, slot } of some) {
        const ofKind = tally.tally(kind);
        addSums(ofKind.sums, sums);
        ofKind.durations?.addAt(slot, 1);
      }
      sums.set(labelSet, tally.take());
    }
    return sums;
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
    const part = { ...edge, version, minutes: Map.groupBy(records, ({ at }) => floor(at, minute)) };
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
