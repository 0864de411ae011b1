import { type ModelUsage, modelUsage, type UsageTotals, usageTotals } from '../domain/outcome.ts';
import type { Interpretation } from './executor.ts';

/** What a run used, as far as its CLI told. */
export type Usage = Pick<Interpretation, 'usage_by_model' | 'usage' | 'usage_state'>;

export const noUsage: Usage = { usage_state: 'none' };

/** More models than an outcome can hold are not believed. */
const mostModels = 50;

/** Numbers of a CLI's own, normalised but not checked; absent where it did not say. */
type Counts = { [Name in keyof UsageTotals]?: number | undefined };

/**
 * Usage without a model's name. What is no count, or all zero, is what a CLI says when it does not know.
 */
export function totalUsage(counts: Counts, state: 'terminal' | 'partial' = 'terminal'): Usage {
  const totals = usageTotals.safeParse(counts).data;
  return totals && tokensOf(totals) > 0 ? { usage: totals, usage_state: state } : noUsage;
}

/**
 * Usage by model. Undefined if there is none, or one row cannot be read: the sum of the others would be wrong.
 * `more` is known of the run, not of a model.
 */
export function usageByModel(
  rows: { model: string; counts: Counts; cost_usd?: number | undefined }[],
  more: Pick<UsageTotals, 'api_calls' | 'turns'> = {},
): Usage | undefined {
  const parsed = rows.map(
    ({ model, counts, cost_usd }) => modelUsage.safeParse({ model, ...counts, cost_usd }).data,
  );
  const byModel = mergeModels(parsed.flatMap((row) => row ?? []));
  if (byModel.length === 0 || byModel.length > mostModels || parsed.some((row) => !row)) return undefined;
  const told = more.api_calls !== undefined || more.turns !== undefined;
  return {
    usage_by_model: byModel,
    ...(told ? { usage: { ...totalsOf(byModel), ...more } } : {}),
    usage_state: 'terminal',
  };
}

export function tokensOf(
  usage: Pick<UsageTotals, 'input_uncached' | 'cache_read' | 'cache_write' | 'output'>,
): number {
  return usage.input_uncached + usage.cache_read + usage.cache_write + usage.output;
}

/** The model that wrote most. */
export function mainModel(rows: ModelUsage[]): string | undefined {
  return rows.toSorted((one, other) => other.output - one.output)[0]?.model;
}

function totalsOf(rows: ModelUsage[]): UsageTotals {
  const { model: _, cost_usd: __, ...totals } = rows.reduce(sum);
  return totals;
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
  return {
    model: one.model,
    input_uncached: one.input_uncached + other.input_uncached,
    cache_read: one.cache_read + other.cache_read,
    cache_write: one.cache_write + other.cache_write,
    output: one.output + other.output,
    reasoning: both(one.reasoning, other.reasoning),
    cost_usd: both(one.cost_usd, other.cost_usd),
  };
}

function both(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
