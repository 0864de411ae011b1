import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { foldModelName } from '../domain/model-name.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { OutcomeStore } from '../domain/outcome-store.ts';
import { priceOutcome } from './price-outcome.ts';
import type { PriceTable } from './price-table.ts';

const usd = z.number().nullable().meta({ description: 'null where none of them has a cost that is known.' });
const figures = {
  examined: z.int(),
  changed: z.int(),
  before_usd: usd,
  after_usd: usd,
  unpriced_before: z.int(),
  unpriced_after: z.int(),
};

/** What pricing again came to, or would come to. Sums are of the outcomes that were examined and have a cost. */
export const repriceResult = z
  .object({
    dry_run: z.boolean(),
    ...figures,
    by_model: z.record(z.string(), z.object(figures)),
    next_cursor: z.string().nullable().meta({
      description: 'Where the next call goes on; null once all are done. The figures are of this call alone.',
    }),
  })
  .meta({ id: 'RepriceResult' });
export type RepriceResult = z.infer<typeof repriceResult>;
type Figures = Omit<RepriceResult, 'dry_run' | 'by_model' | 'next_cursor'>;

/** So many outcomes are read and written in one step. */
const stepSize = 500;

/**
 * Prices at most so many of the outcomes since a time (milliseconds) again, by the tables as they are now. What a CLI
 * has reported stays; what no table knows any more becomes unpriced. Each step of it is whole; done again, it changes
 * nothing more.
 */
export async function reprice(
  outcomes: Pick<OutcomeStore, 'listForPricing' | 'reprice'>,
  tables: readonly PriceTable[],
  wanted: { since: number; dryRun: boolean; limit: number; cursor?: string },
): Promise<RepriceResult> {
  const total = noFigures();
  const byModel = new Map<string, Figures>();
  let cursor: string | null = wanted.cursor ?? null;
  do {
    const limit = Math.min(stepSize, wanted.limit - total.examined);
    const page = await outcomes.listForPricing({ since: wanted.since, limit, cursor: cursor ?? undefined });
    const priced = page.items.map(({ seq, metric }) => ({
      seq,
      before: metric,
      metric: priceOutcome(metric, tables),
    }));
    for (const { before, metric } of priced) {
      const model = foldModelName(before.model);
      const ofModel = byModel.get(model) ?? noFigures();
      byModel.set(model, ofModel);
      for (const sums of [total, ofModel]) add(sums, before, metric);
    }
    const changes = priced.filter(({ before, metric }) => differs(before, metric));
    if (!wanted.dryRun && changes.length > 0) await outcomes.reprice(changes);
    cursor = page.next_cursor;
    // Runners are not to wait for the whole of it.
    await setImmediate();
  } while (cursor !== null && total.examined < wanted.limit);
  return resultOf(wanted.dryRun, total, byModel, cursor);
}

/** Of two calls of one going over: their sums, and where the later one stopped. */
export function joinResults(one: RepriceResult, next: RepriceResult): RepriceResult {
  const byModel = new Map<string, Figures>(Object.entries(one.by_model));
  for (const [model, sums] of Object.entries(next.by_model)) {
    byModel.set(model, sumOf(byModel.get(model) ?? noFigures(), sums));
  }
  return resultOf(one.dry_run, sumOf(one, next), byModel, next.next_cursor);
}

function resultOf(
  dry_run: boolean,
  total: Figures,
  byModel: ReadonlyMap<string, Figures>,
  next_cursor: string | null,
): RepriceResult {
  const models = [...byModel].map(([model, sums]) => [model, rounded(sums)] as const);
  return { dry_run, ...rounded(total), by_model: Object.fromEntries(models), next_cursor };
}

function noFigures(): Figures {
  return {
    examined: 0,
    changed: 0,
    before_usd: null,
    after_usd: null,
    unpriced_before: 0,
    unpriced_after: 0,
  };
}

function add(sums: Figures, before: TaskMetric, after: TaskMetric): void {
  sums.examined += 1;
  sums.changed += differs(before, after) ? 1 : 0;
  sums.before_usd = plus(sums.before_usd, before.cost_usd ?? null);
  sums.after_usd = plus(sums.after_usd, after.cost_usd ?? null);
  sums.unpriced_before += before.cost_usd === undefined ? 1 : 0;
  sums.unpriced_after += after.cost_usd === undefined ? 1 : 0;
}

function sumOf(one: Figures, other: Figures): Figures {
  return {
    examined: one.examined + other.examined,
    changed: one.changed + other.changed,
    before_usd: plus(one.before_usd, other.before_usd),
    after_usd: plus(one.after_usd, other.after_usd),
    unpriced_before: one.unpriced_before + other.unpriced_before,
    unpriced_after: one.unpriced_after + other.unpriced_after,
  };
}

/** What is not known adds nothing, and only where nothing is known it stays so. */
function plus(sum: number | null, amount: number | null): number | null {
  return amount === null ? sum : (sum ?? 0) + amount;
}

function differs(before: TaskMetric, after: TaskMetric): boolean {
  if (before.cost_usd === undefined || after.cost_usd === undefined)
    return before.cost_usd !== after.cost_usd;
  return Math.abs(before.cost_usd - after.cost_usd) > 1e-9;
}

/** Six decimals: a millionth of a dollar. */
function rounded(sums: Figures): Figures {
  const round = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6);
  const { examined, changed, before_usd, after_usd, unpriced_before, unpriced_after } = sums;
  return {
    examined,
    changed,
    before_usd: round(before_usd),
    after_usd: round(after_usd),
    unpriced_before,
    unpriced_after,
  };
}
