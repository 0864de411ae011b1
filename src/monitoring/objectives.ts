import { z } from 'zod';
import { promDuration } from './prom-duration.ts';
import { usageDefaults, usageObjectives } from './usage-objectives.ts';

export { durationSeconds } from './prom-duration.ts';

/** Every threshold and window of the rules. A profile is a full set; a user's own changes single ones. */
export const objectives = z.strictObject({
  scrape_interval: promDuration.meta({
    description: 'How often Prometheus scrapes; new counters are held at 0 for 2.5 of these.',
  }),
  evaluation_interval: promDuration.meta({ description: 'How often rules are evaluated.' }),
  pipeline_stalled: z.strictObject({
    window: promDuration.meta({ description: 'Tasks have waited, and none has ended, for this long.' }),
    for: promDuration.meta({ description: 'How long that must hold.' }),
  }),
  repeated_failures: z.strictObject({
    window: promDuration.meta({
      description: 'Failures of one project and task type are counted over this.',
    }),
    count: z.int().min(1).meta({ description: 'So many of them fire the alert.' }),
    for: promDuration.meta({ description: 'How long that must hold.' }),
  }),
  task_timeouts: z.strictObject({
    window: promDuration.meta({
      description: 'Timeouts of one project and task type are counted over this.',
    }),
    count: z.int().min(1).meta({ description: 'So many of them fire the alert.' }),
    for: promDuration.meta({ description: 'How long that must hold.' }),
  }),
  ...usageObjectives.shape,
  alertmanager: z.strictObject({
    group_wait: promDuration.meta({
      description: 'How long Alertmanager waits for more before it first calls.',
    }),
    group_interval: promDuration.meta({ description: 'How long it waits before it tells of a change.' }),
    repeat_interval: promDuration.meta({ description: 'How long before it tells the same again.' }),
  }),
});
export type Objectives = z.infer<typeof objectives>;

export const profiles = {
  default: {
    scrape_interval: '15s',
    evaluation_interval: '15s',
    pipeline_stalled: { window: '30m', for: '5m' },
    repeated_failures: { window: '6h', count: 3, for: '0s' },
    task_timeouts: { window: '6h', count: 3, for: '0s' },
    ...usageDefaults,
    alertmanager: { group_wait: '30s', group_interval: '5m', repeat_interval: '4h' },
  },
  /** Everything within a minute, for `npm run demo` and the end-to-end test. */
  demo: {
    scrape_interval: '1s',
    evaluation_interval: '1s',
    pipeline_stalled: { window: '1m', for: '10s' },
    repeated_failures: { window: '1m', count: 3, for: '0s' },
    task_timeouts: { window: '1m', count: 3, for: '0s' },
    ...usageDefaults,
    alertmanager: { group_wait: '1s', group_interval: '1s', repeat_interval: '1s' },
  },
} as const satisfies Record<string, Objectives>;
export type ProfileName = keyof typeof profiles;
