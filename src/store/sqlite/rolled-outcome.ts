import type { TaskMetric } from '../../domain/outcome.ts';
import { outcomeLabels } from '../../domain/outcome.ts';
import { labelSetKey, type OutcomeKind, outcomeKindKey } from '../../domain/outcome-group.ts';
import { bucketOf } from '../../stats/log-buckets.ts';
import { maybeNumber, maybeText, number, type Row, text } from './row.ts';

/** What an outcome adds to the roll-ups of its time. */
export interface RolledOutcome {
  /** When it ended, in milliseconds. */
  at: number;
  labelSet: string;
  kind: string;
  bucket: number;
  /** In the order of `outcomeSums`. */
  sums: number[];
}

/** Of an outcome that is recorded now, and has no verdict yet. */
export function rolledOutcome(metric: TaskMetric): RolledOutcome {
  const { prompt_variant, skill_version, usage } = metric;
  return {
    at: Date.parse(metric.created_at),
    labelSet: labelSetKey({ ...outcomeLabels(metric), prompt_variant, skill_version }),
    kind: outcomeKindKey(metric),
    bucket: bucketOf(metric.duration_seconds),
    sums: [
      1,
      0,
      0,
      0,
      usage?.input_uncached ?? 0,
      usage?.cache_read ?? 0,
      usage?.cache_write ?? 0,
      usage?.output ?? 0,
      usage?.api_calls ?? 0,
      metric.duration_seconds,
      metric.cost_usd ?? 0,
    ],
  };
}

/** The columns of an outcome that `rolledOutcomeOf` reads. */
export const rolledColumns = `created_at, project, task_type, model, executor, variant, prompt_variant, skill_version,
  status, final, error_class, billing, cost_source, usage_state, duration, duration_bucket, cost_usd,
  input_uncached, cache_read, cache_write, output, api_calls, verdict`;

export function rolledOutcomeOf(row: Row): RolledOutcome {
  const final = row.final === 1;
  const verdict = final && row.status === 'completed' ? row.verdict : null;
  return {
    at: number(row.created_at),
    labelSet: labelSetKey({
      project: text(row.project),
      task_type: text(row.task_type),
      model: text(row.model),
      executor: text(row.executor),
      variant: text(row.variant),
      prompt_variant: maybeText(row.prompt_variant),
      skill_version: maybeText(row.skill_version),
    }),
    // As they were validated when it was stored.
    kind: outcomeKindKey({
      status: text(row.status) as OutcomeKind['status'],
      final,
      error_class: maybeText(row.error_class),
      billing: text(row.billing) as OutcomeKind['billing'],
      cost_source: text(row.cost_source) as OutcomeKind['cost_source'],
      usage_state: text(row.usage_state) as OutcomeKind['usage_state'],
    }),
    bucket: number(row.duration_bucket),
    sums: [
      1,
      verdict === 'accepted' ? 1 : 0,
      verdict === 'rejected' ? 1 : 0,
      verdict === 'reverted' ? 1 : 0,
      maybeNumber(row.input_uncached) ?? 0,
      maybeNumber(row.cache_read) ?? 0,
      maybeNumber(row.cache_write) ?? 0,
      maybeNumber(row.output) ?? 0,
      maybeNumber(row.api_calls) ?? 0,
      number(row.duration),
      maybeNumber(row.cost_usd) ?? 0,
    ],
  };
}
