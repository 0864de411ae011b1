import { z } from 'zod';
import { promDuration } from './prom-duration.ts';

const holds = promDuration.meta({ description: 'How long that must hold.' });
const keepFiringFor = promDuration.meta({
  description: 'How long it fires on: what comes again within this is the same trouble.',
});
const count = z.int().min(1);
const share = z.number().gt(0).max(1);

/** Failures that are more than the usual ones, whatever the rate: few a day or hundreds an hour. */
const failures = (what: string) =>
  z.strictObject({
    window: promDuration.meta({
      description: `${what} of one project and task type are counted over this, …`,
    }),
    short_window: promDuration.meta({
      description: '… and over this, which tells sooner where much is done.',
    }),
    count: count.meta({ description: 'So many of them in either fire the alert, …' }),
    per_completed: z.number().min(0).meta({ description: '… and so many more for each completed attempt.' }),
    for: holds,
    keep_firing_for: keepFiringFor,
  });

/** An executor that gets no tasks, or whose attempts end in nothing else. */
const executorTrouble = (what: string) =>
  z.strictObject({
    window: promDuration.meta({ description: `Of this time the executor was ${what} …` }),
    share: share.meta({ description: '… for at least this share; or, where outcomes are only reported, …' }),
    count_window: promDuration.meta({ description: '… within this …' }),
    short_count_window: promDuration.meta({ description: '… or this, which tells sooner …' }),
    count: count.meta({ description: '… so many attempts failed of it, and none was completed.' }),
    for: holds,
  });

/** The thresholds and windows of the alerts about the work, the executors and the runners; members of `objectives`. */
export const pipelineObjectives = z.strictObject({
  pipeline_stalled: z.strictObject({
    window: promDuration.meta({ description: 'Tasks have waited, and none has ended, for this long.' }),
    starved: promDuration.meta({
      description:
        'After this long they are stalled too if all the others are worked on meanwhile, and wait half as long at most.',
    }),
    for: holds,
  }),
  task_stuck: z.strictObject({
    silence: promDuration.meta({
      description:
        'A running task has made no progress for this long: twice the `runner.stall_seconds` that should have ended it.',
    }),
    for: holds,
  }),
  repeated_failures: failures('Failures'),
  task_timeouts: failures('Timeouts'),
  model_failures: z.strictObject({
    window: promDuration.meta({
      description: 'Failed tasks of one executor and model are counted over this, …',
    }),
    short_window: promDuration.meta({
      description: '… and over this, which tells sooner where much is done.',
    }),
    middle_window: promDuration.meta({
      description:
        '… and over this, for what is not done often enough for the one, or was before the other, …',
    }),
    count: count.meta({ description: 'So many of them, and none completed, fire the alert, …' }),
    kinds: z.int().min(2).meta({
      description:
        '… if they are of so many projects, or of so many task types of which others complete tasks meanwhile.',
    }),
    for: holds,
  }),
  low_success_rate: z.strictObject({
    window: promDuration.meta({ description: 'Final outcomes of one project and task type within this …' }),
    rate: share.meta({ description: '… whose share of completed ones is below this …' }),
    count: count.meta({ description: '… by so many failures more than it allows.' }),
    for: holds,
  }),
  queue_growing: z.strictObject({
    hours: z
      .number()
      .positive()
      .meta({ description: 'The queue takes longer than this at the present pace, …' }),
    window: promDuration.meta({ description: '… and of six looks within this …' }),
    grown: z.int().min(1).max(6).meta({ description: '… so many found it longer than the look before.' }),
    for: holds,
  }),
  decision_waiting: z.strictObject({
    age: promDuration.meta({ description: 'A task has waited for a person’s decision for this long.' }),
    for: holds,
  }),
  runners: z.strictObject({
    silence: promDuration.meta({
      description:
        'A runner that is silent for this long is down; more than a third of `tasks.lease_seconds`.',
    }),
    wait: promDuration.meta({ description: 'Without any, tasks have waited for this long.' }),
    for: holds,
  }),
  executor_closed: executorTrouble('closed by its set-up'),
  rate_limited: executorTrouble('paused by a limit'),
  provider_overloaded: executorTrouble('paused since the provider is overloaded'),
});
type PipelineObjectives = z.infer<typeof pipelineObjectives>;

const trouble = { share: 0.5, count_window: '6h', short_count_window: '1h', count: 3 } as const;

export const pipelineDefaults = {
  pipeline_stalled: { window: '30m', starved: '12h', for: '5m' },
  task_stuck: { silence: '30m', for: '1m' },
  repeated_failures: {
    window: '6h',
    short_window: '1h',
    count: 4,
    per_completed: 2,
    for: '0s',
    keep_firing_for: '2h',
  },
  task_timeouts: {
    window: '6h',
    short_window: '1h',
    count: 3,
    per_completed: 0.25,
    for: '0s',
    keep_firing_for: '2h',
  },
  model_failures: { window: '6h', middle_window: '3h', short_window: '1h', count: 4, kinds: 2, for: '0s' },
  low_success_rate: { window: '1d', rate: 0.7, count: 5, for: '1h' },
  queue_growing: { hours: 12, window: '6h', grown: 4, for: '15m' },
  decision_waiting: { age: '20h', for: '1m' },
  runners: { silence: '5m', wait: '10m', for: '2m' },
  executor_closed: { window: '10m', ...trouble, for: '1m' },
  rate_limited: { window: '30m', ...trouble, for: '10m' },
  provider_overloaded: { window: '30m', ...trouble, for: '10m' },
} as const satisfies PipelineObjectives;

const troubleInDemo = {
  window: '20s',
  share: 0.5,
  count_window: '1m',
  short_count_window: '30s',
  count: 3,
  for: '0s',
} as const;

/** All within a minute; what takes long to learn is as in the default. */
export const pipelineDemo = {
  ...pipelineDefaults,
  pipeline_stalled: { window: '1m', starved: '10m', for: '10s' },
  repeated_failures: {
    window: '1m',
    short_window: '30s',
    count: 3,
    per_completed: 0.5,
    for: '0s',
    keep_firing_for: '0s',
  },
  task_timeouts: {
    window: '1m',
    short_window: '30s',
    count: 3,
    per_completed: 0.25,
    for: '0s',
    keep_firing_for: '0s',
  },
  model_failures: { window: '1m', middle_window: '45s', short_window: '30s', count: 4, kinds: 2, for: '0s' },
  // A heartbeat comes every 20 s.
  runners: { silence: '25s', wait: '10s', for: '5s' },
  executor_closed: troubleInDemo,
  rate_limited: troubleInDemo,
  provider_overloaded: troubleInDemo,
} as const satisfies PipelineObjectives;
