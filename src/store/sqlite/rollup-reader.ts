import type { OutcomeGroup } from '../../domain/outcome-group.ts';
import type { OutcomeFilter } from '../../domain/store.ts';
import { addEncoded } from '../../stats/cell-codec.ts';
import {
  CellAccumulator,
  type CellsByLabelSet,
  mergeCells,
  type OutcomeCell,
} from '../../stats/outcome-cells.ts';
import { WeightedCache } from '../../stats/weighted-cache.ts';
import { type PeriodRange, planWindow } from '../../stats/window-plan.ts';
import type { Step } from './database.ts';
import { EdgeReader } from './edge-reader.ts';
import { OutcomeKeys } from './outcome-keys.ts';
import { blob, maybeNumber, number } from './row.ts';

/** Numbers that the caches may hold, some 8 bytes each. */
const mostCached = 4_000_000;

/** A filter, in words and as the numbers of the label sets that it is about; undefined for all. */
interface Wanted {
  labels: string;
  labelSets: readonly number[] | undefined;
}

/**
 * Answers windows from roll-ups, and from records at their ragged edges. What it has read it keeps, and uses again
 * while the versions of the periods say that nobody has written to them: the answer is that of the step's one state.
 */
export class RollupReader {
  readonly #keys = new OutcomeKeys();
  readonly #edges = new EdgeReader(this.#keys);
  readonly #merged = new WeightedCache<CellsByLabelSet>(mostCached);

  summarize(step: Step, filter: OutcomeFilter): OutcomeGroup[] {
    const records = recordedBetween(step);
    if (!records) return [];
    this.#keys.load(step);
    const { from, to, ...labels } = filter;
    const wanted = { labels: JSON.stringify(labels), labelSets: this.#keys.matching(labels) };
    if (wanted.labelSets?.length === 0) return [];
    const { settled, current, edges } = planWindow({ from, to }, records);
    const parts = [
      this.#mergePeriods(step, settled, wanted),
      this.#mergePeriods(step, current, wanted),
      ...edges.map((edge) => this.#edges.read(step, edge, wanted.labelSets)),
    ];
    return this.#keys.groupsOf(mergeCells(parts));
  }

  forget(): void {
    this.#keys.forget();
    this.#edges.forget();
    this.#merged.clear();
  }

  #mergePeriods(step: Step, ranges: PeriodRange[], { labels, labelSets }: Wanted): CellsByLabelSet {
    if (ranges.length === 0) return new Map();
    // What else would match by now has written to a period since.
    const key = JSON.stringify([ranges, labels]);
    const version = ranges.map((range) => versionOf(step, range)).join();
    const known = this.#merged.get(key, version);
    if (known) return known;
    const merged = readPeriods(step, ranges, labelSets);
    this.#merged.set(key, version, merged, weightOf(merged));
    return merged;
  }
}

function recordedBetween(step: Step): { oldest: number; newest: number } | undefined {
  // Two statements: SQLite looks one end of an index up, and would go through all of it for both.
  const oldest = maybeNumber(step.get(`SELECT min(created_at) AS at FROM outcomes`)?.at);
  const newest = maybeNumber(step.get(`SELECT max(created_at) AS at FROM outcomes`)?.at);
  return oldest === undefined || newest === undefined ? undefined : { oldest, newest };
}

/** Versions only grow and periods only come to be, so the sums change with every write. */
function versionOf(step: Step, { length, from, to }: PeriodRange): string {
  const row = step.get(
    `SELECT total(version) AS writes FROM rollup_periods
     WHERE length = $length AND start >= $from AND start < $to`,
    { length, from, to },
  );
  return `${number(row?.writes)}`;
}

function readPeriods(
  step: Step,
  ranges: PeriodRange[],
  labelSets: readonly number[] | undefined,
): CellsByLabelSet {
  const blobs = new Map<number, Uint8Array[]>();
  for (const { length, from, to } of ranges) {
    const rows = step.all(
      `SELECT label_set, cells FROM rollups WHERE length = $length AND start >= $from AND start < $to
         AND ($label_sets IS NULL OR label_set IN (SELECT value FROM json_each($label_sets)))`,
      { length, from, to, label_sets: labelSets && JSON.stringify(labelSets) },
    );
    for (const row of rows) {
      const labelSet = number(row.label_set);
      const found = blobs.get(labelSet);
      if (found) found.push(blob(row.cells));
      else blobs.set(labelSet, [blob(row.cells)]);
    }
  }
  const accumulator = new CellAccumulator();
  const merged = new Map<number, OutcomeCell[]>();
  for (const [labelSet, ofPeriods] of blobs) {
    for (const bytes of ofPeriods) addEncoded(bytes, accumulator);
    merged.set(labelSet, accumulator.take());
  }
  return merged;
}

function weightOf(cells: CellsByLabelSet): number {
  let weight = 100;
  for (const ofLabelSet of cells.values()) {
    for (const { sums, durations } of ofLabelSet) weight += 40 + sums.length + 2 * durations.buckets.length;
  }
  return weight;
}
