import { z } from 'zod';
import { pipelineDefaults, pipelineDemo, pipelineObjectives } from './pipeline-objectives.ts';
import { promDuration } from './prom-duration.ts';
import { selfDefaults, selfObjectives } from './self-objectives.ts';
import { usageDefaults, usageObjectives } from './usage-objectives.ts';

export { durationSeconds } from './prom-duration.ts';

/** Every threshold and window of the rules. A profile is a full set; a user's own changes single ones. */
export const objectives = z.strictObject({
  scrape_interval: promDuration.meta({
    description: 'How often Prometheus scrapes; new counters are held at 0 for 2.5 of these.',
  }),
  evaluation_interval: promDuration.meta({ description: 'How often rules are evaluated.' }),
  slow_evaluation_interval: promDuration.meta({
    description: 'How often alert rules are evaluated that read hours of samples.',
  }),
  keep_firing_for: promDuration.meta({
    description: 'How long an alert fires on that would flap; a restart of the service takes less.',
  }),
  ...pipelineObjectives.shape,
  ...usageObjectives.shape,
  ...selfObjectives.shape,
  alertmanager: z.strictObject({
    group_wait: promDuration.meta({
      description: 'How long Alertmanager waits for more before it first calls.',
    }),
    group_interval: promDuration.meta({ description: 'How long it waits before it tells of a change.' }),
    repeat_interval: promDuration.meta({ description: 'How long before it tells the same again.' }),
  }),
  people: z.strictObject({
    critical_wait: promDuration.meta({
      description: 'How long what follows is waited for before people are told of a critical alert.',
    }),
    wait: promDuration.meta({ description: 'The same for other alerts.' }),
    interval: promDuration.meta({ description: 'How long before people are told of what else fires.' }),
    repeat: promDuration.meta({ description: 'How long before they are told the same again.' }),
    heartbeat: promDuration.meta({
      description: 'How often the webhook and `notifications.heartbeat_url` hear that all is well.',
    }),
  }),
});
export type Objectives = z.infer<typeof objectives>;

export const profiles = {
  default: {
    scrape_interval: '15s',
    evaluation_interval: '15s',
    slow_evaluation_interval: '1m',
    keep_firing_for: '10m',
    ...pipelineDefaults,
    ...usageDefaults,
    ...selfDefaults,
    alertmanager: { group_wait: '30s', group_interval: '5m', repeat_interval: '4h' },
    people: { critical_wait: '1m', wait: '5m', interval: '30m', repeat: '12h', heartbeat: '5m' },
  },
  /** Everything within a minute, for `npm run demo` and the end-to-end test. */
  demo: {
    scrape_interval: '1s',
    evaluation_interval: '1s',
    slow_evaluation_interval: '1s',
    keep_firing_for: '0s',
    ...pipelineDemo,
    ...usageDefaults,
    ...selfDefaults,
    alertmanager: { group_wait: '1s', group_interval: '1s', repeat_interval: '1s' },
    people: { critical_wait: '1s', wait: '2s', interval: '5s', repeat: '1h', heartbeat: '5s' },
  },
} as const satisfies Record<string, Objectives>;
export type ProfileName = keyof typeof profiles;
