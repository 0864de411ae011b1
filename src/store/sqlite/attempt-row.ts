import { z } from 'zod';
import { type Attempt, workChanges } from '../../domain/attempt.ts';
import { billings, costSources, modelUsage, usageStates, usageTotals } from '../../domain/outcome.ts';
import { json } from './database.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row, text } from './row.ts';

const usageByModel = z.array(modelUsage);
const usageState = z.enum(usageStates).optional();
const costSource = z.enum(costSources).optional();
const billing = z.enum(billings).optional();

export function attemptOf(row: Row): Attempt {
  const status = maybeText(row.status);
  return {
    attempt: number(row.attempt),
    runner: text(row.runner),
    started_at: new Date(number(row.started_at)).toISOString(),
    ended_at: maybeTime(row.ended_at),
    status: status === 'completed' || status === 'failed' ? status : 'running',
    final: status === undefined ? undefined : row.final === 1,
    queue_seconds: number(row.queue_seconds),
    duration_seconds: maybeNumber(row.duration),
    error_class: maybeText(row.error_class),
    error_message: maybeText(row.error_message),
    ...spentOf(row),
    branch: maybeText(row.branch),
    changes: maybeText(row.changes) === undefined ? undefined : workChanges.parse(json(row.changes)),
  };
}

/** What an attempt used and cost; all of it absent while it runs, and what nobody told absent afterwards. */
function spentOf(row: Row) {
  const usage_by_model = maybeJson(row.usage_by_model, usageByModel);
  const ran = maybeText(row.ran_model);
  const models = [...new Set([...(ran ? [ran] : []), ...(usage_by_model ?? []).map(({ model }) => model)])];
  return {
    models: models.length > 0 ? models : undefined,
    usage: maybeJson(row.usage, usageTotals),
    usage_by_model,
    usage_state: usageState.parse(maybeText(row.usage_state)),
    cost_usd: maybeNumber(row.cost_usd),
    cost_source: costSource.parse(maybeText(row.cost_source)),
    billing: billing.parse(maybeText(row.billing)),
  };
}

function maybeJson<T extends z.ZodType>(value: Row[string] | undefined, schema: T): z.output<T> | undefined {
  return maybeText(value) === undefined ? undefined : schema.parse(json(value));
}
