import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { foldModelName } from '../domain/model-name.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { OutcomeStore } from '../domain/store.ts';
import { priceOutcome } from './price-outcome.ts';
import type { PriceTable } from './price-table.ts';

const figures = {
  examined: z.int(),
  changed: z.int(),
  before_usd: z.number(),
  after_usd: z.number(),
  unpriced_before: z.int(),
  unpriced_after: z.int(),
};

/** What pricing again came to, or would come to. Sums are of the outcomes that were examined and have a cost. */
export const repriceResult = z
  .object({
    dry_run: z.boolean(),
    ...figures,
    by_model: z.record(z.string(), z.object(figures)),
  })
  .meta({ id: 'RepriceResult' });
export type RepriceResult = z.infer<typeof repriceResult>;
type Figures = Omit<RepriceResult, 'dry_run' | 'by_model'>;

const pageSize = 500;

/**
 * Prices the outcomes since a time (milliseconds) again, by the tables as they are now. What a CLI has reported stays;
 * what no table knows any more becomes unpriced.
 */
export async function reprice(
  outcomes: Pick<OutcomeStore, 'listForPricing' | 'reprice'>,
  tables: readonly PriceTable[],
  { since, dryRun }: { since: number; dryRun: boolean },
): Promise<RepriceResult> {
  const total = noFigures();
  const byModel = new Map<string, Figures>();
  for (let after = 0; ; ) {
    const page = await outcomes.listForPricing(since, after, pageSize);
    const changes: typeof page = [];
    for (const { seq, metric } of page) {
      const priced = priceOutcome(metric, tables);
      const model = foldModelName(metric.model);
      const ofModel = byModel.get(model) ?? noFigures();
      byModel.set(model, ofModel);
      for (const sums of [total, ofModel]) add(sums, metric, priced);
      if (differs(metric, priced)) changes.push({ seq, metric: priced });
    }
    if (!dryRun && changes.length > 0) await outcomes.reprice(changes);
    const last = page.at(-1);
    if (!last || page.length < pageSize) break;
    after = last.seq;
    // Runners are not to wait for the whole of it.
    await setImmediate();
  }
  const models = [...byModel].map(([model, sums]) => [model, rounded(sums)] as const);
  return { dry_run: dryRun, ...rounded(total), by_model: Object.fromEntries(models) };
}

function noFigures(): Figures {
  return { examined: 0, changed: 0, before_usd: 0, after_usd: 0, unpriced_before: 0, unpriced_after: 0 };
}

function add(sums: Figures, before: TaskMetric, after: TaskMetric): void {
  sums.examined += 1;
  sums.changed += differs(before, after) ? 1 : 0;
  sums.before_usd += before.cost_usd ?? 0;
  sums.after_usd += after.cost_usd ?? 0;
  sums.unpriced_before += before.cost_usd === undefined ? 1 : 0;
  sums.unpriced_after += after.cost_usd === undefined ? 1 : 0;
}

function differs(before: TaskMetric, after: TaskMetric): boolean {
  if (before.cost_usd === undefined || after.cost_usd === undefined)
    return before.cost_usd !== after.cost_usd;
  return Math.abs(before.cost_usd - after.cost_usd) > 1e-9;
}

/** Six decimals: a millionth of a dollar. */
function rounded(sums: Figures): Figures {
  const round = (value: number) => Math.round(value * 1e6) / 1e6;
  return { ...sums, before_usd: round(sums.before_usd), after_usd: round(sums.after_usd) };
}
