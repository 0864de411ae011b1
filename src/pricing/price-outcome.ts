import type { PriceSource, TaskMetric } from '../domain/outcome.ts';
import type { ModelUse, PriceTable } from './price-table.ts';

/**
 * The outcome with its cost. One that was given stands; else it is computed from the usage by the first table that
 * knows each model; and if one model is in no table, the whole is unpriced: a part of a cost is not the cost.
 */
export function priceOutcome(metric: TaskMetric, tables: readonly PriceTable[]): TaskMetric {
  if (metric.cost_source === 'none' || !isOpen(metric)) return metric;
  const { cost_usd: _, priced_by: __, ...rest } = metric;
  const priced = costOf(metric, tables);
  if (!priced) return { ...rest, cost_source: 'unpriced' };
  return { ...rest, cost_usd: priced.cost, cost_source: 'computed', priced_by: priced.sources };
}

/** Whether we may say what it cost: nobody else has. */
function isOpen({ cost_source, priced_by }: TaskMetric): boolean {
  return cost_source === 'unpriced' || (cost_source === 'computed' && priced_by !== undefined);
}

function costOf(
  metric: TaskMetric,
  tables: readonly PriceTable[],
): { cost: number; sources: PriceSource[] } | undefined {
  const uses = usesOf(metric);
  if (uses.length === 0) return undefined;
  const sources = new Set<PriceSource>();
  let cost = 0;
  for (const { reported, ...use } of uses) {
    const found = reported === undefined ? lookUp(use, tables) : { cost: reported };
    if (!found) return undefined;
    cost += found.cost;
    if ('source' in found) sources.add(found.source);
  }
  return { cost, sources: [...sources].sort() };
}

/** Without those of no tokens: all zero is also what a CLI says when it does not know. */
function usesOf(metric: TaskMetric): (ModelUse & { reported?: number })[] {
  const { usage, usage_by_model, ran_model, model } = metric;
  const shared = { at: new Date(metric.created_at), calls: usage?.api_calls ?? usage?.turns };
  const rows = usage_by_model?.length
    ? usage_by_model.map(({ cost_usd, ...row }) => ({ ...row, ...shared, reported: cost_usd }))
    : usage
      ? [{ ...usage, ...shared, model: ran_model ?? model }]
      : [];
  return rows.filter((row) => row.input_uncached + row.cache_read + row.cache_write + row.output > 0);
}

function lookUp(
  use: ModelUse,
  tables: readonly PriceTable[],
): { cost: number; source: PriceSource } | undefined {
  for (const table of tables) {
    const cost = table.costOf(use);
    if (cost !== undefined) return { cost, source: table.source };
  }
  return undefined;
}
