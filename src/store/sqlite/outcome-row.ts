import { z } from 'zod';
import { billings, costSources, usageStates } from '../../domain/outcome.ts';
import type { OutcomeGroup } from '../../domain/store.ts';
import { maybeText, number, type Row, text } from './row.ts';

const status = z.enum(['completed', 'failed']);
const billing = z.enum(billings);
const costSource = z.enum(costSources);
const usageState = z.enum(usageStates);

export function outcomeGroupOf(row: Row): OutcomeGroup {
  return {
    project: text(row.project),
    task_type: text(row.task_type),
    model: text(row.model),
    executor: text(row.executor),
    variant: text(row.variant),
    prompt_variant: maybeText(row.prompt_variant),
    skill_version: maybeText(row.skill_version),
    status: status.parse(row.status),
    final: row.final === 1,
    error_class: maybeText(row.error_class),
    billing: billing.parse(row.billing),
    cost_source: costSource.parse(row.cost_source),
    usage_state: usageState.parse(row.usage_state),
    duration_bucket: number(row.duration_bucket),
    count: number(row.count),
    duration_sum: number(row.duration_sum),
    cost_usd: number(row.cost_usd),
    input_uncached: number(row.input_uncached),
    cache_read: number(row.cache_read),
    cache_write: number(row.cache_write),
    output: number(row.output),
    api_calls: number(row.api_calls),
  };
}
