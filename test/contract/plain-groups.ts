import { expect } from 'vitest';
import { outcomeLabels, type TaskMetric } from '../../src/domain/outcome.ts';
import {
  countsInSuccess,
  groupsOf,
  type LabelSetOutcomes,
  labelSetKey,
  type OutcomeSums,
  outcomeKindKey,
  realSums,
  wholeSums,
} from '../../src/domain/outcome-group.ts';
import type { OutcomeFilter } from '../../src/domain/outcome-store.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { DurationTally } from '../../src/stats/duration-tally.ts';

/** A record as a test knows it, with what was made of it later. */
export type PlainRecord = TaskMetric & { verdict?: Verdict };

function recordsIn(records: readonly PlainRecord[], { from, to, ...wanted }: OutcomeFilter): PlainRecord[] {
  return records.filter((record) => {
    const at = Date.parse(record.created_at);
    const labels = outcomeLabels(record);
    const differs = (label: keyof typeof wanted) =>
      wanted[label] !== undefined && labels[label] !== wanted[label];
    return at >= from && at < to && !(Object.keys(wanted) as (keyof typeof wanted)[]).some(differs);
  });
}

function keyOfLabels(record: PlainRecord): string {
  return labelSetKey({ ...record, ...outcomeLabels(record) });
}

/** Added up one by one. */
function plainGroups(records: readonly PlainRecord[]): Map<string, OutcomeSums> {
  const groups = new Map<string, OutcomeSums>();
  for (const record of records) {
    const key = keyOfLabels(record) + outcomeKindKey(record);
    const group = groups.get(key) ?? noOutcomes();
    groups.set(key, group);
    group.count += 1;
    if (record.verdict) group[record.verdict] += 1;
    for (const name of ['input_uncached', 'cache_read', 'cache_write', 'output', 'api_calls'] as const) {
      group[name] += record.usage?.[name] ?? 0;
    }
    group.duration_sum += record.duration_seconds;
    group.cost_usd += record.cost_usd ?? 0;
  }
  return groups;
}

function noOutcomes(): OutcomeSums {
  return Object.fromEntries([...wholeSums, ...realSums].map((name) => [name, 0])) as OutcomeSums;
}

/** Counts are exact, sums to a billionth, quantiles within one percent. */
export function expectOutcomes(
  found: readonly LabelSetOutcomes[],
  records: readonly PlainRecord[],
  filter: OutcomeFilter,
): void {
  const within = recordsIn(records, filter);
  const plain = plainGroups(within);
  const groups = groupsOf(found);
  const keyOf = (group: (typeof groups)[number]) => labelSetKey(group) + outcomeKindKey(group);
  expect(groups.map(keyOf).sort()).toEqual([...plain.keys()].sort());
  for (const group of groups) {
    const exact = plain.get(keyOf(group)) ?? noOutcomes();
    expect(wholeSums.map((name) => [name, group[name]])).toEqual(
      wholeSums.map((name) => [name, exact[name]]),
    );
    for (const name of realSums) {
      expect(Math.abs(group[name] - exact[name])).toBeLessThanOrEqual(1e-9 * Math.max(exact[name], 1e-3));
    }
  }
  for (const set of found) {
    const ofSet = within.filter((record) => keyOfLabels(record) === labelSetKey(set));
    expectQuantiles(
      set,
      ofSet.filter(countsInSuccess).map(({ duration_seconds }) => duration_seconds),
    );
  }
}

function expectQuantiles({ durations }: LabelSetOutcomes, exact: number[]): void {
  const sorted = exact.toSorted((a, b) => a - b);
  const tally = new DurationTally();
  for (const part of durations) tally.add(part);
  expect(tally.counts().counts.reduce((sum, count) => sum + count, 0)).toBe(exact.length);
  if (exact.length === 0) return;
  for (const q of [0, 0.5, 0.95, 1]) {
    const ranked = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
    const off = Math.abs((tally.quantile(q) ?? Number.NaN) - ranked);
    expect(off).toBeLessThanOrEqual(Math.max(0.01 * ranked + 1e-9, 1e-3));
  }
}
