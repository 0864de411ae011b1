import type { Interpretation } from '../executors/executor.ts';

type Spent = Pick<Interpretation, 'usage' | 'usage_by_model' | 'usage_state' | 'cost_usd' | 'cost_source'>;

/**
 * What an attempt spent, as its CLI told, in a line for its log; undefined for one that called no model. What is not
 * known is said to be so, and is nowhere 0.
 */
export function describeSpent(spent: Spent): string | undefined {
  if (spent.cost_source === 'none') return undefined;
  return `tokens: ${describeTokens(spent)}; cost: ${describeCost(spent)}`;
}

function describeTokens({ usage, usage_by_model, usage_state }: Spent): string {
  const rows = usage_by_model ?? (usage ? [usage] : []);
  if (rows.length === 0) return 'unknown';
  const kinds = (['input_uncached', 'cache_read', 'cache_write', 'output'] as const).map(
    (kind) => `${kind}=${rows.reduce((sum, row) => sum + row[kind], 0)}`,
  );
  return `${kinds.join(' ')}${usage_state === 'partial' ? ' (a part of them)' : ''}`;
}

function describeCost({ cost_usd, usage_state }: Spent): string {
  if (cost_usd !== undefined) return `$${Number(cost_usd.toFixed(6))}`;
  // With its usage known, the service puts a price on it if it has one.
  return usage_state === 'none' ? 'unpriced' : 'not told by the CLI';
}
