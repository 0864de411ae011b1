import { z } from 'zod';
import { unknownErrorClass } from '../domain/outcome.ts';
import {
  countsInSuccess,
  countVerdicts,
  type DurationCounts,
  excludedOf,
  type LabelSet,
  type LabelSetOutcomes,
  type OutcomeFigures,
} from '../domain/outcome-group.ts';
import type { OutcomeFilter, OutcomeStore } from '../domain/outcome-store.ts';
import { DurationTally } from '../stats/duration-tally.ts';

const rate = z.number().min(0).max(1).meta({ description: '0 where there is nothing to divide by.' });
const count = z.int();

/** Figures of the final outcomes that share one label value. */
const breakdown = z.object({
  count,
  completed: count,
  failed: count,
  success_rate: rate,
  avg_duration: z.number().meta({ description: 'Mean wall clock in seconds.' }),
  p50_seconds: z.number(),
  p95_seconds: z.number(),
});
type Breakdown = z.infer<typeof breakdown>;
const byLabel = z.record(z.string(), breakdown);

/**
 * The contract of `GET /api/agent/metrics`. Success and time are of final outcomes, less the excluded; attempts,
 * `excluded` and usage are of every attempt in the window. Quantiles are within 1 %.
 */
export const metricsSummary = z
  .object({
    window: z.object({ from: z.string(), to: z.string(), seconds: z.number() }),
    success_rate: z.object({ completed: count, failed: count, total: count, rate }),
    execution_time: z.object({ p50_seconds: z.number(), p95_seconds: z.number() }),
    by_task_type: byLabel,
    by_model: byLabel,
    by_executor: byLabel,
    by_variant: byLabel,
    by_prompt_variant: byLabel,
    by_skill_version: byLabel,
    attempts: z.object({ total: count, failed: count, by_error_class: z.record(z.string(), count) }),
    excluded: z.object({ provider: count, set_up: count, ours: count }),
    verdicts: z.object({ accepted: count, rejected: count, reverted: count, none: count }),
    usage: z.object({
      tokens: z.object({ input_uncached: count, cache_read: count, cache_write: count, output: count }),
      api_calls: count,
      cost_usd: z
        .number()
        .nullable()
        .meta({ description: 'What was paid; null where attempts have a cost and no paid one is known.' }),
      notional_cost_usd: z.number().nullable().meta({
        description:
          'What attempts under a subscription would have cost by the token; null where there are some and of none it is known.',
      }),
      unpriced_attempts: count,
      attempts_without_usage: count.meta({
        description: 'Attempts that used tokens, nobody knows how many.',
      }),
      cost_per_completed_task_usd: z.number().nullable().meta({
        description: '`cost_usd` over the tasks: at least so much where there are unpriced attempts.',
      }),
      cost_per_accepted_task_usd: z.number().nullable(),
    }),
  })
  .meta({ id: 'MetricsSummary' });
export type MetricsSummary = z.infer<typeof metricsSummary>;

/** Answers the contract for a window and filter. With no data: zeros and empty objects. */
export async function summarizeMetrics(
  outcomes: OutcomeStore,
  filter: OutcomeFilter,
): Promise<MetricsSummary> {
  return summaryOf(await outcomes.summarize(filter), filter);
}

/** The same of outcomes that were read already. */
export function summaryOf(
  sets: readonly LabelSetOutcomes[],
  window: Pick<OutcomeFilter, 'from' | 'to'>,
): MetricsSummary {
  const kinds = sets.flatMap(({ kinds }) => kinds);
  const verdicts = countVerdicts(kinds);
  const durations = new DurationTally();
  const finals = sets.map((set) => finalsOf(set, durations)).filter(({ count }) => count > 0);
  const overall = breakdownOf(finals, durations);
  const breakdownsBy = (label: keyof LabelSet) => breakdownsOf(finals, label, durations);
  return {
    window: {
      from: new Date(window.from).toISOString(),
      to: new Date(window.to).toISOString(),
      seconds: (window.to - window.from) / 1000,
    },
    success_rate: {
      completed: overall.completed,
      failed: overall.failed,
      total: overall.count,
      rate: overall.success_rate,
    },
    execution_time: { p50_seconds: overall.p50_seconds, p95_seconds: overall.p95_seconds },
    by_task_type: breakdownsBy('task_type'),
    by_model: breakdownsBy('model'),
    by_executor: breakdownsBy('executor'),
    by_variant: breakdownsBy('variant'),
    by_prompt_variant: breakdownsBy('prompt_variant'),
    by_skill_version: breakdownsBy('skill_version'),
    attempts: attemptsOf(kinds),
    excluded: excludedFigures(kinds),
    verdicts,
    usage: usageOf(kinds, overall.completed, verdicts.accepted),
  };
}

/** The final outcomes of one label set, less the excluded. */
interface Finals {
  labels: LabelSet;
  count: number;
  completed: number;
  duration_sum: number;
  durations: DurationCounts;
}

/** The parts of the durations are added up once here, and not for each breakdown that they are in. */
function finalsOf(set: LabelSetOutcomes, tally: DurationTally): Finals {
  for (const part of set.durations) tally.add(part);
  const finals = { labels: set, count: 0, completed: 0, duration_sum: 0, durations: tally.counts() };
  tally.clear();
  for (const kind of set.kinds) {
    if (!countsInSuccess(kind)) continue;
    finals.count += kind.count;
    finals.completed += kind.status === 'completed' ? kind.count : 0;
    finals.duration_sum += kind.duration_sum;
  }
  return finals;
}

/** `durations` is a tally to work in, empty before and after. */
function breakdownOf(finals: readonly Finals[], durations: DurationTally): Breakdown {
  const total = sum(finals, ({ count }) => count);
  const completed = sum(finals, ({ completed }) => completed);
  for (const one of finals) durations.add(one.durations);
  const [p50, p95] = [durations.quantile(0.5), durations.quantile(0.95)];
  durations.clear();
  return {
    count: total,
    completed,
    failed: total - completed,
    success_rate: total === 0 ? 0 : completed / total,
    avg_duration: total === 0 ? 0 : round(sum(finals, ({ duration_sum }) => duration_sum) / total),
    p50_seconds: round(p50 ?? 0),
    p95_seconds: round(p95 ?? 0),
  };
}

function breakdownsOf(
  finals: readonly Finals[],
  label: keyof LabelSet,
  durations: DurationTally,
): Record<string, Breakdown> {
  const byValue = Map.groupBy(finals, ({ labels }) => labels[label]);
  return Object.fromEntries(
    [...byValue].flatMap(([value, members]) =>
      value === undefined ? [] : [[value, breakdownOf(members, durations)]],
    ),
  );
}

function attemptsOf(groups: readonly OutcomeFigures[]): MetricsSummary['attempts'] {
  const failed = groups.filter((group) => group.status === 'failed');
  const by_error_class: Record<string, number> = {};
  for (const { error_class = unknownErrorClass, count } of failed) {
    by_error_class[error_class] = (by_error_class[error_class] ?? 0) + count;
  }
  return {
    total: sum(groups, ({ count }) => count),
    failed: sum(failed, ({ count }) => count),
    by_error_class,
  };
}

function excludedFigures(groups: readonly OutcomeFigures[]): MetricsSummary['excluded'] {
  const excluded = { provider: 0, set_up: 0, ours: 0 };
  for (const group of groups) {
    const fault = excludedOf(group);
    if (fault) excluded[fault] += group.count;
  }
  return excluded;
}

function usageOf(
  groups: readonly OutcomeFigures[],
  completed: number,
  accepted: number,
): MetricsSummary['usage'] {
  const priced = groups.filter(({ cost_source }) => cost_source === 'reported' || cost_source === 'computed');
  const paid = priced.filter(({ billing }) => billing !== 'subscription');
  const notional = priced.filter(({ billing }) => billing === 'subscription');
  const unpriced = groups.filter(({ cost_source }) => cost_source === 'unpriced');
  const cost = costOf(paid, unpriced);
  const notionalCost = costOf(
    notional,
    unpriced.filter(({ billing }) => billing === 'subscription'),
  );
  const per = (tasks: number) => (cost === null || tasks === 0 ? null : round(cost / tasks));
  return {
    tokens: {
      input_uncached: sum(groups, (group) => group.input_uncached),
      cache_read: sum(groups, (group) => group.cache_read),
      cache_write: sum(groups, (group) => group.cache_write),
      output: sum(groups, (group) => group.output),
    },
    api_calls: sum(groups, (group) => group.api_calls),
    cost_usd: cost === null ? null : round(cost),
    notional_cost_usd: notionalCost === null ? null : round(notionalCost),
    unpriced_attempts: sum(unpriced, ({ count }) => count),
    attempts_without_usage: sum(
      unpriced.filter(({ usage_state }) => usage_state === 'none'),
      ({ count }) => count,
    ),
    cost_per_completed_task_usd: per(completed),
    cost_per_accepted_task_usd: per(accepted),
  };
}

/** The sum of what is known; null where there is something, and nothing of it is known. */
function costOf(priced: OutcomeFigures[], unpriced: OutcomeFigures[]): number | null {
  return priced.length === 0 && unpriced.length > 0 ? null : sum(priced, ({ cost_usd }) => cost_usd);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Six decimals: a millionth of a dollar, a microsecond. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
