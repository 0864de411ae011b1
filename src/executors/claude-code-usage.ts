import type { ResultEvent } from './claude-code-output.ts';
import { mainModel, noUsage, tokensOf, totalUsage, type Usage, usageByModel } from './usage-rows.ts';

type UsedByModel = NonNullable<ResultEvent['modelUsage']>[string];

/**
 * What a run used, from the final event alone: the messages repeat their usage and would count it several times.
 * `modelUsage` has everything; `usage` leaves subagents out, so that it is only a part. Cached input is outside of the
 * input in both.
 */
export function readUsage(result: ResultEvent, initModel?: string): { model?: string; usage: Usage } {
  const used = Object.entries(result.modelUsage ?? {});
  const rows = used.map(([key, one]) => ({
    model: one.canonicalModel ?? key,
    counts: {
      input_uncached: one.inputTokens,
      cache_read: one.cacheReadInputTokens ?? 0,
      cache_write: one.cacheCreationInputTokens ?? 0,
      output: one.outputTokens,
    },
    cost_usd: priceOf(one),
  }));
  const turns = result.num_turns === undefined ? {} : { turns: result.num_turns };
  const usage = usageByModel(rows, turns);
  if (!usage?.usage_by_model) return { model: initModel, usage: mainUsage(result) };
  const asked = used.find(([key]) => key === initModel)?.[1].canonicalModel;
  return { model: asked ?? initModel ?? mainModel(usage.usage_by_model), usage };
}

/** The cost that the CLI reports. 0 with tokens used is what it says of a model that it has no price for. */
export function readCost(result: ResultEvent, usage: Usage): number | undefined {
  const cost = result.total_cost_usd;
  const nothingUsed = usage.usage_by_model?.every((row) => tokensOf(row) === 0) ?? false;
  return cost === 0 && !nothingUsed ? undefined : cost;
}

function mainUsage({ usage, num_turns }: ResultEvent): Usage {
  // All zeros is what it says when it does not know, as after a stop for the budget.
  if (!usage) return noUsage;
  const counts = {
    input_uncached: usage.input_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write: usage.cache_creation_input_tokens ?? 0,
    output: usage.output_tokens,
    turns: num_turns,
  };
  return totalUsage(counts, 'partial');
}

function priceOf(used: UsedByModel): number | undefined {
  return used.costUSD === 0 && (used.inputTokens || used.outputTokens) ? undefined : used.costUSD;
}
