import { z } from 'zod';
import { promDuration } from './prom-duration.ts';

const keepFiringFor = promDuration.meta({ description: 'How long it fires on, so that it does not flap.' });
const share = z.number().min(0).max(1);

/** What makes an hour's use of a project a spike: all of it must hold. */
const spike = (unit: string) =>
  z.strictObject({
    deviations: z.number().positive().meta({
      description:
        'So many standard deviations above the mean of the project’s hours with work is a spike, …',
    }),
    least_deviation: z
      .number()
      .positive()
      .meta({
        description: `… the deviation taken for at least so many ${unit}, since every hour of an even week is far from its mean, …`,
      }),
    times: z.number().min(1).meta({ description: '… if it is so many times the mean, …' }),
    amount: z
      .number()
      .min(0)
      .meta({ description: `… and more than so many ${unit}.` }),
    active_hours: z.int().min(2).meta({
      description: 'So many hours with work tell what is usual; with fewer in the week there are no spikes.',
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
    completed: z
      .int()
      .min(1)
      .meta({ description: 'So many tasks must have been completed in the 3 days, …' }),
    completed_before: z.int().min(1).meta({ description: '… so many before them, …' }),
    unpriced_share: share.meta({
      description: '… with fewer attempts without a known cost than this share of them.',
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
  cost_spike: {
    deviations: 4,
    least_deviation: 2,
    times: 2,
    amount: 10,
    active_hours: 24,
    keep_firing_for: '30m',
  },
  token_spike: {
    deviations: 4,
    least_deviation: 400_000,
    times: 2,
    amount: 2_000_000,
    active_hours: 24,
    keep_firing_for: '30m',
  },
  cost_per_success: {
    times: 1.6,
    rise_usd: 0.05,
    completed: 20,
    completed_before: 40,
    unpriced_share: 0.2,
    keep_firing_for: '6h',
  },
  budget: { near: 0.8, keep_firing_for: '15m' },
  usage_unpriced: { count: 5, share: 0.2, keep_firing_for: '1h' },
} as const satisfies UsageObjectives;
