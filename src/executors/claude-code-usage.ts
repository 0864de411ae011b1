import { type ModelUsage, modelUsage, type TaskMetric } from '../domain/outcome.ts';
import type { ResultEvent } from './claude-code-output.ts';
import type { Interpretation } from './executor.ts';

type Usage = Pick<Interpretation, 'usage_by_model' | 'usage' | 'usage_state'>;

/** More models than an outcome can hold are not believed. */
const mostModels = 50;

/**
 * What a run used, from the final event alone: the messages repeat their usage and would count it several times.
 * `modelUsage` has everything; `usage` leaves subagents out, so that it is only a part.
 */
export function readUsage(result: ResultEvent, initModel?: string): Usage & { model?: string } {
  const rows = Object.entries(result.modelUsage ?? {}).map(([key, used]) => ({
    key,
    usage: modelUsage.safeParse({
      model: used.canonicalModel ?? key,
      input_uncached: used.inputTokens,
      cache_read: used.cacheReadInputTokens ?? 0,
      cache_write: used.cacheCreationInputTokens ?? 0,
      output: used.outputTokens,
      cost_usd: priceOf(used),
    }).data,
  }));
  const byModel = mergeModels(rows.flatMap(({ usage }) => usage ?? []));
  // One row that cannot be read makes the sum of the others wrong.
  if (byModel.length > 0 && byModel.length <= mostModels && rows.every(({ usage }) => usage)) {
    const asked = rows.find(({ key }) => key === initModel)?.usage?.model;
    return {
      model: asked ?? initModel ?? mainModel(byModel),
      usage_by_model: byModel,
      usage_state: 'terminal',
    };
  }
  return { model: initModel, ...mainUsage(result) };
}

/** The cost that the CLI reports. 0 with tokens used is what it says of a model that it has no price for. */
export function readCost(
  result: ResultEvent,
  usage: Usage,
): Pick<TaskMetric, 'cost_usd'> & { cost_source: 'reported' | 'unpriced' } {
  const cost = result.total_cost_usd;
  const nothingUsed = usage.usage_by_model?.every((row) => tokensOf(row) === 0) ?? false;
  if (cost === undefined || (cost === 0 && !nothingUsed)) return { cost_source: 'unpriced' };
  return { cost_usd: cost, cost_source: 'reported' };
}

function mainUsage({ usage }: ResultEvent): Usage {
  if (usage?.input_tokens === undefined || usage.output_tokens === undefined) return { usage_state: 'none' };
  const totals = {
    input_uncached: usage.input_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write: usage.cache_creation_input_tokens ?? 0,
    output: usage.output_tokens,
  };
  // All zeros is what it says when it does not know, as after a stop for the budget.
  return tokensOf(totals) === 0 ? { usage_state: 'none' } : { usage: totals, usage_state: 'partial' };
}

/** Keys that are the same model (`…[1m]` and the plain one) become one row. */
function mergeModels(rows: ModelUsage[]): ModelUsage[] {
  const merged = new Map<string, ModelUsage>();
  for (const row of rows) {
    const other = merged.get(row.model);
    merged.set(row.model, other ? sum(other, row) : row);
  }
  return [...merged.values()];
}

function sum(one: ModelUsage, other: ModelUsage): ModelUsage {
  const priced = one.cost_usd !== undefined && other.cost_usd !== undefined;
  return {
    model: one.model,
    input_uncached: one.input_uncached + other.input_uncached,
    cache_read: one.cache_read + other.cache_read,
    cache_write: one.cache_write + other.cache_write,
    output: one.output + other.output,
    cost_usd: priced ? (one.cost_usd ?? 0) + (other.cost_usd ?? 0) : undefined,
  };
}

function mainModel(rows: ModelUsage[]): string | undefined {
  return rows.toSorted((one, other) => other.output - one.output)[0]?.model;
}

function priceOf(used: NonNullable<ResultEvent['modelUsage']>[string]): number | undefined {
  return used.costUSD === 0 && (used.inputTokens || used.outputTokens) ? undefined : used.costUSD;
}

function tokensOf(usage: Omit<ModelUsage, 'model' | 'cost_usd'>): number {
  return usage.input_uncached + usage.cache_read + usage.cache_write + usage.output;
}
