import { type LabelSetOutcomes, outcomeSums } from '../../domain/outcome-group.ts';
import type { OutcomeFilter } from '../../domain/outcome-store.ts';
import { addEncoded } from '../../stats/cell-codec.ts';
import { WeightedCache } from '../../stats/weighted-cache.ts';
import { mergeParts, type WindowCells, type WindowPart, WindowTally } from '../../stats/window-cells.ts';
import { day, type PeriodRange, planWindow } from '../../stats/window-plan.ts';
import type { Step } from './database.ts';
import { EdgeReader } from './edge-reader.ts';
import { OutcomeKeys, type Wanted } from './outcome-keys.ts';
import { blob, maybeNumber, number } from './row.ts';

/** Numbers that the caches may hold, some 8 bytes each. */
const mostCached = 4_000_000;

/**
 * Answers windows from roll-ups, and from records at their ragged edges. What it has read it keeps, and uses again
 * while the versions of the periods say that nobody has written to them: the answer is that of the step's one state.
 * Outcomes of the step itself are not rolled up before its end, so it is asked before they are recorded.
 */
export class RollupReader {
  readonly #keys = new OutcomeKeys();
  readonly #edges = new EdgeReader(this.#keys);
  readonly #merged = new WeightedCache<WindowPart>(mostCached);

  summarize(step: Step, filter: OutcomeFilter): LabelSetOutcomes[] {
    const records = recordedBetween(step);
    if (!records) return [];
    this.#keys.load(step);
    const { from, to, ...labels } = filter;
    const wanted = this.#keys.matching(labels);
    if (wanted.labelSets?.length === 0) return [];
    const { settled, current, edges } = planWindow({ from, to }, records);
    const parts = [
      this.#mergePeriods(step, settled, wanted),
      this.#mergePeriods(step, current, wanted),
      ...edges.flatMap((edge) => this.#edges.read(step, edge, wanted)),
    ];
    return this.#keys.outcomesOf(mergeParts(parts));
  }

  #mergePeriods(step: Step, ranges: PeriodRange[], { labels, labelSets }: Wanted): WindowPart {
    if (ranges.length === 0) return new Map();
    // What else would match by now has written to a period since.
    const key = JSON.stringify([ranges, labels]);
    const version = ranges.map((range) => versionOf(step, range)).join();
    const known = this.#merged.get(key, version);
    if (known) return known;
    const merged = this.#readPeriods(step, ranges, labelSets);
    this.#merged.set(key, version, merged, weightOf(merged));
    return merged;
  }

  #readPeriods(step: Step, ranges: PeriodRange[], labelSets: readonly number[] | undefined): WindowPart {
    const tally = new WindowTally(this.#keys.countsInSuccess);
    const part = new Map<number, WindowCells>();
    for (const [labelSet, blobs] of readBlobs(step, ranges, labelSets)) {
      for (const bytes of blobs) addEncoded(bytes, (kind) => tally.tally(kind));
      part.set(labelSet, tally.take());
    }
    return part;
  }
}

/** The begin of the oldest day, and when the newest outcome ended. */
function recordedBetween(step: Step): { oldest: number; newest: number } | undefined {
  const first = step.get(`SELECT min(start) AS at FROM rollup_periods WHERE length = $day`, { day });
  const oldest = maybeNumber(first?.at);
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

function readBlobs(
  step: Step,
  ranges: PeriodRange[],
  labelSets: readonly number[] | undefined,
): Map<number, Uint8Array[]> {
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
  return blobs;
}

function weightOf(part: WindowPart): number {
  let weight = 100;
  for (const { kinds, durations } of part.values()) {
    weight += 50 + kinds.size * (outcomeSums.length + 20);
    for (const { slots } of durations) weight += 2 * slots.length;
  }
  return weight;
}
