import type { GeminiResult, ModelStats } from './gemini-output.ts';
import { mainModel, noUsage, totalUsage, type Usage, usageByModel } from './usage-rows.ts';

/** What a run used. `initModel` is what was asked for, which can be a name for several (`auto`). */
export function readUsage(
  { stats }: GeminiResult,
  initModel: string | undefined,
): { model?: string | undefined; usage: Usage } {
  const models = Object.entries(stats?.models ?? {});
  const rows = models
    .map(([model, used]) => ({ model, counts: countsOf(used) }))
    // A model all of whose requests failed has used nothing.
    .filter(({ counts }) => Object.values(counts).some((value) => value !== 0 && value !== undefined));
  const calls = models.map(([, { api }]) => api?.totalRequests);
  const api_calls = calls.every((one) => one !== undefined)
    ? calls.reduce<number>((sum, one) => sum + (one ?? 0), 0)
    : undefined;
  const usage = usageByModel(rows, api_calls === undefined ? {} : { api_calls });
  if (usage?.usage_by_model) {
    const asked = usage.usage_by_model.find(({ model }) => model === initModel);
    return { model: asked?.model ?? mainModel(usage.usage_by_model), usage };
  }
  // Builds before `models` told only the sum.
  return {
    model: initModel,
    usage: stats && models.length === 0 ? totalUsage(streamCounts(stats)) : noUsage,
  };
}

function countsOf(used: ModelStats) {
  return used.tokens ? documentCounts(used.tokens) : streamCounts(used);
}

/** Cached input is inside the prompt; thoughts come on top of the candidates, and a tool's own prompt on top of all. */
function documentCounts(tokens: NonNullable<ModelStats['tokens']>) {
  const { cached = 0, thoughts, tool = 0 } = tokens;
  return {
    input_uncached: (tokens.input ?? less(tokens.prompt, cached) ?? Number.NaN) + tool,
    cache_read: cached,
    cache_write: 0,
    output: plus(tokens.candidates, thoughts ?? 0),
    reasoning: thoughts,
  };
}

/** `output_tokens` are the candidates alone: what the total has beyond them and the input are thoughts. */
function streamCounts(stats: Pick<ModelStats, 'total_tokens' | 'input_tokens' | 'output_tokens' | 'cached'>) {
  const { total_tokens, input_tokens, output_tokens, cached = 0 } = stats;
  const beyond = (total_tokens ?? 0) - (input_tokens ?? 0) - (output_tokens ?? 0);
  const thoughts = total_tokens === undefined ? undefined : Math.max(0, beyond);
  return {
    input_uncached: less(input_tokens, cached),
    cache_read: cached,
    cache_write: 0,
    output: plus(output_tokens, thoughts ?? 0),
    reasoning: thoughts,
  };
}

function plus(value: number | undefined, more: number): number | undefined {
  return value === undefined ? undefined : value + more;
}

function less(value: number | undefined, part: number): number | undefined {
  return value === undefined ? undefined : Math.max(0, value - part);
}
