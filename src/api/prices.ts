import { z } from 'zod';
import type { OutcomeStore } from '../domain/outcome-store.ts';
import type { PriceTable } from '../pricing/price-table.ts';
import { reprice, repriceResult } from '../pricing/reprice.ts';
import { cursorQuery } from './paging.ts';
import { type Route, route } from './route.ts';

const repriceRequest = z
  .strictObject({
    since: z.iso
      .datetime({ offset: true })
      .meta({ description: 'Outcomes that ended at this time or later.' }),
    dry_run: z
      .boolean()
      .default(true)
      .meta({ description: 'False to store the new costs; else they are only told.' }),
    limit: z.int().min(1).max(20_000).default(5000).meta({
      description: 'At most so many outcomes are gone over in this call; `next_cursor` leads to the others.',
    }),
    cursor: cursorQuery.cursor,
  })
  .meta({ id: 'RepriceRequest' });

/** Prices: what is known of them by now, for what was recorded before. */
export function priceRoutes(options: { outcomes: OutcomeStore; prices: readonly PriceTable[] }): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/agent/reprice',
      summary:
        'Price recorded outcomes again; costs that a CLI reported stay, and exported counters do not move',
      scope: 'admin',
      body: repriceRequest,
      answers: { 200: { description: 'What changed, or would change', schema: repriceResult } },
      handle: async ({ body: { since, dry_run, limit, cursor } }) => ({
        body: await reprice(options.outcomes, options.prices, {
          since: Date.parse(since),
          dryRun: dry_run,
          limit,
          cursor,
        }),
      }),
    }),
  ];
}
