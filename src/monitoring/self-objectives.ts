import { z } from 'zod';
import { promDuration } from './prom-duration.ts';

/** The windows of the alerts about Andon itself and the servers that it relies on; members of `objectives`. */
export const selfObjectives = z.strictObject({
  self: z.strictObject({
    absent: promDuration.meta({
      description: 'No replica of the service has answered a scrape for this long.',
    }),
    store_window: promDuration.meta({
      description: 'The store could not be used at most of the scrapes within this.',
    }),
    window: promDuration.meta({
      description: 'Errors of the webhook, the rules and the servers are counted over this.',
    }),
    for: promDuration.meta({ description: 'How long they must go on.' }),
    webhook_silence: promDuration.meta({
      description:
        'Alertmanager has not called for this long; more than the interval at which it repeats `Watchdog`.',
    }),
  }),
});
type SelfObjectives = z.infer<typeof selfObjectives>;

export const selfDefaults = {
  self: { absent: '5m', store_window: '5m', window: '15m', for: '5m', webhook_silence: '5h' },
} as const satisfies SelfObjectives;
