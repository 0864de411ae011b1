import { z } from 'zod';
import { unknownErrorClass } from '../domain/outcome.ts';
import { countsInSuccess, excludedOf, type OutcomeGroup } from '../domain/outcome-group.ts';

export const repeatedFailure = z.object({
  project: z.string(),
  task_type: z.string(),
  error_class: z.string(),
  count: z.int(),
});
export type RepeatedFailure = z.infer<typeof repeatedFailure>;

export const lowSuccessRate = z.object({
  project: z.string(),
  task_type: z.string(),
  rate: z.number(),
  total: z.int(),
});
export type LowSuccessRate = z.infer<typeof lowSuccessRate>;

const lowRate = 0.7;
const lowRateFrom = 5;

/** Those of the provider and the set-up too, which a person is to know of; not what we ended ourselves. */
export function repeatedFailures(groups: readonly OutcomeGroup[], from: number): RepeatedFailure[] {
  const failed = groups.filter((group) => group.status === 'failed' && excludedOf(group) !== 'ours');
  return countBy(failed, ({ project, task_type, error_class = unknownErrorClass }) => [
    project,
    task_type,
    error_class,
  ])
    .filter(({ count }) => count >= from)
    .map(({ key: [project = '', task_type = '', error_class = ''], count }) => ({
      project,
      task_type,
      error_class,
      count,
    }));
}

export function lowSuccessRates(groups: readonly OutcomeGroup[]): LowSuccessRate[] {
  const finals = groups.filter(countsInSuccess);
  const completed = countBy(
    finals.filter(({ status }) => status === 'completed'),
    ({ project, task_type }) => [project, task_type],
  );
  return countBy(finals, ({ project, task_type }) => [project, task_type]).flatMap(
    ({ key, count: total }) => {
      const good = completed.find((one) => one.key.join('\0') === key.join('\0'))?.count ?? 0;
      const [project = '', task_type = ''] = key;
      return total >= lowRateFrom && good / total < lowRate
        ? [{ project, task_type, rate: good / total, total }]
        : [];
    },
  );
}

function countBy(
  groups: readonly OutcomeGroup[],
  keyOf: (group: OutcomeGroup) => string[],
): { key: string[]; count: number }[] {
  const counts = new Map<string, { key: string[]; count: number }>();
  for (const group of groups) {
    const key = keyOf(group);
    const entry = counts.get(key.join('\0')) ?? { key, count: 0 };
    entry.count += group.count;
    counts.set(key.join('\0'), entry);
  }
  return [...counts.values()];
}
