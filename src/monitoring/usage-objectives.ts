import { z } from 'zod';
import { promDuration } from './prom-duration.ts';

const keepFiringFor = promDuration.meta({ description: 'How long it fires on, so that it does not flap.' });
const share = z.number().min(0).max(1);

/** What makes an hour's use of a project a spike: all of it must hold. */
const spike = (unit: string) =>
  z.strictObject({
    times: z.number().min(1).meta({
      description: 'An hour that is more than so many times the largest hour of a usual day is a spike, …',
    }),
    rise: z
      .number()
      .min(0)
      .meta({ description: `… if it is more than so many ${unit} above it, …` }),
    amount: z
      .number()
      .min(0)
      .meta({ description: `… and more than so many ${unit}.` }),
    active_days: z.int().min(1).meta({
      description: 'So many days with work tell what is usual; with fewer in the last 7 there are no spikes.',
    }),
    keep_firing_for: keepFiringFor,
  });

/** The thresholds and windows of the alerts about money and tokens; members of `objectives`. */
export const usageObjectives = z.strictObject({
  cost_spike: spike('US dollars'),
  token_spike: spike('tokens'),
  cost_per_success: z.strictObject({
    times: z.number().min(1).meta({
      description:
        'A completed task that costs so many times as much in 3 days as in the 7 before fires the alert, …',
    }),
    rise_usd: z.number().min(0).meta({ description: '… if it is so many US dollars more.' }),
    hours: z.int().min(1).max(72).meta({
      description:
        'For so many of the 72 hours the last 24 must have cost so too, since a few dear hours weigh on all of the 3 days.',
    }),
    completed: z
      .int()
      .min(1)
      .meta({ description: 'So many tasks must have been completed in the 3 days, …' }),
    completed_before: z.int().min(1).meta({ description: '… so many before them, …' }),
    unpriced_share: share.meta({
      description: '… of which fewer than this share were without a known cost.',
    }),
    keep_firing_for: keepFiringFor,
  }),
  budget: z.strictObject({
    near: share.meta({ description: 'The share of a budget from which on it is nearly spent.' }),
    keep_firing_for: keepFiringFor,
  }),
  usage_unpriced: z.strictObject({
    count: z.int().min(1).meta({ description: 'So many attempts in 24 hours without a known cost …' }),
    share: share.meta({ description: '… fire the alert if they are this share of the executor’s.' }),
    keep_firing_for: keepFiringFor,
  }),
});
export type UsageObjectives = z.infer<typeof usageObjectives>;

/** Of both profiles: what is usual takes days to learn, so that none of it can be made to show in a minute. */
export const usageDefaults = {
  cost_spike: { times: 2.5, rise: 8, amount: 10, active_days: 3, keep_firing_for: '2h' },
  // As many as the money of the cost spike buys, so that the one does not tell of what the other finds small.
  token_spike: { times: 2.5, rise: 3_200_000, amount: 4_000_000, active_days: 3, keep_firing_for: '2h' },
  cost_per_success: {
    times: 1.8,
    rise_usd: 0.05,
    hours: 36,
    completed: 20,
    completed_before: 40,
    unpriced_share: 0.2,
    keep_firing_for: '6h',
  },
  budget: { near: 0.8, keep_firing_for: '15m' },
  usage_unpriced: { count: 5, share: 0.2, keep_firing_for: '1h' },
} as const satisfies UsageObjectives;
