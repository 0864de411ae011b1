import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { type ErrorClass, excludedFault, faultOf, unknownErrorClass } from '../domain/outcome.ts';
import type { OutcomeGroup, Store } from '../domain/store.ts';
import { type Task, task } from '../domain/task.ts';
import { firingAlerts, readFiringAlerts } from './firing-alerts.ts';

const brief = task
  .pick({
    id: true,
    task_type: true,
    project: true,
    executor: true,
    model: true,
    status: true,
    attempt: true,
  })
  .extend({
    direction: z.string().meta({ description: 'The first line, at most 120 characters.' }),
    seconds: z
      .number()
      .optional()
      .meta({ description: 'Running or waiting for so long; or how long it took.' }),
    error_class: z.string().optional(),
  });

export const pipelineStatus = z
  .object({
    at: z.string(),
    running: z.array(brief).meta({ description: 'The one that has run for longest comes first.' }),
    pending: z.object({
      count: z.int(),
      oldest_seconds: z.number().nullable(),
      next: z.array(brief).meta({
        description:
          'Those that can run now, in the order in which runners get them; not those in a back-off.',
      }),
    }),
    recent: z.array(brief).meta({ description: 'The one that ended last comes first.' }),
    needs_decision: z.array(brief).meta({ description: 'The one that was queued first comes first.' }),
    attention: z.object({
      stuck: z.array(brief).meta({ description: 'Running for longer than their time limit.' }),
      blocked: z.array(brief).meta({
        description: 'Waiting for a task that failed, was cancelled or does not exist.',
      }),
      repeated_failures: z.array(
        z.object({ project: z.string(), task_type: z.string(), error_class: z.string(), count: z.int() }),
      ),
      low_success_rate: z.array(
        z.object({ project: z.string(), task_type: z.string(), rate: z.number(), total: z.int() }),
      ),
      flags: z.array(z.string()).meta({ description: 'The same in sentences; empty if all is well.' }),
    }),
    ...firingAlerts.shape,
  })
  .meta({ id: 'PipelineStatus' });
export type PipelineStatus = z.infer<typeof pipelineStatus>;
type Attention = PipelineStatus['attention'];

/** When failures ask for a person's attention: from so many of one class, within so long. */
export interface AttentionLimits {
  windowSeconds: number;
  repeatedFailures: number;
  /** After how long without a word a firing alert may be stale; none is, unless said. */
  alertRepeatSeconds?: number;
}

const lowRate = 0.7;
const lowRateFrom = 5;
/** How much of a list is shown that only grows. */
const shown = 20;
/** How much is read of what is bounded by workers and by people. */
const most = 500;

/** What runs, what waits, what ended last, and what needs a person. */
export async function readPipelineStatus(
  store: Store,
  clock: Clock,
  limits: AttentionLimits,
): Promise<PipelineStatus> {
  const now = clock();
  const [running, next, ended, waiting, blocked, counts, ages, groups] = await Promise.all([
    store.tasks.list({ order: 'oldest_start', limit: most }),
    store.tasks.list({ order: 'claim', limit: shown }),
    store.tasks.list({ order: 'last_ended', limit: shown }),
    store.tasks.list({ order: 'oldest_decision', limit: most }),
    store.tasks.list({ order: 'blocked', limit: shown }),
    store.tasks.countByStatus(),
    store.tasks.listAges(),
    store.outcomes.summarize({ from: now - limits.windowSeconds * 1000, to: now + 1 }),
  ]);
  const oldest = ages.flatMap(({ oldest_pending }) => oldest_pending ?? []);
  const running_for = (item: Task) => briefOf(item, secondsSince(now, item.started_at));
  const needs_decision = waiting.items.map((item) => briefOf(item));
  const overdue = running.items.filter((item) => at(item.started_at) + item.timeout_seconds * 1000 < now);
  const found = {
    stuck: overdue.map(running_for),
    blocked: blocked.items.map((item) => briefOf(item, secondsSince(now, item.queued_at))),
    repeated_failures: repeatedFailures(groups, limits),
    low_success_rate: lowSuccessRates(groups),
  };
  const flags = [
    ...failureFlags(found, `in the last ${durationText(limits.windowSeconds)}`),
    ...(await Promise.all(blocked.items.map((item) => blockedFlag(store, item)))),
    ...needs_decision.map(({ id }) => `Task ${id} waits for a decision.`),
  ];
  return {
    at: new Date(now).toISOString(),
    running: running.items.map(running_for),
    pending: {
      count: counts.filter(({ status }) => status === 'pending').reduce((sum, { count }) => sum + count, 0),
      oldest_seconds: oldest.length > 0 ? (now - Math.min(...oldest)) / 1000 : null,
      next: next.items.map((item) => briefOf(item, secondsSince(now, item.queued_at))),
    },
    recent: ended.items.map((item) => briefOf(item, secondsTaken(item))),
    needs_decision,
    attention: { ...found, flags },
    ...(await readFiringAlerts(store.alerts, now, limits.alertRepeatSeconds)),
  };
}

function failureFlags(found: Omit<Attention, 'flags'>, lately: string): string[] {
  return [
    ...found.stuck.map(({ id }) => `Task ${id} has run for longer than its time limit.`),
    ...found.repeated_failures.map(
      ({ project, task_type, error_class, count }) =>
        `${count} ${task_type} attempts in ${project} failed with ${error_class} ${lately}.`,
    ),
    ...found.low_success_rate.map(
      ({ project, task_type, rate, total }) =>
        `Only ${Math.round(rate * 100)} % of ${total} ${task_type} tasks in ${project} succeeded ${lately}.`,
    ),
  ];
}

async function blockedFlag({ tasks }: Store, { id, depends_on = [] }: Task): Promise<string> {
  const found = await Promise.all(
    depends_on.map(async (other) => ({ other, status: (await tasks.find(other))?.status })),
  );
  const reasons = found.flatMap(({ other, status }) => {
    if (status === undefined) return [`${other}, which does not exist`];
    return status === 'failed' || status === 'cancelled' ? [`${other}, which is ${status}`] : [];
  });
  return `Task ${id} waits for ${reasons[0] ?? 'another one'}.`;
}

function briefOf(item: Task, seconds?: number): z.infer<typeof brief> {
  const { id, task_type, project, executor, model, status, attempt, error_class } = item;
  const direction = (item.direction.split('\n', 1)[0] ?? '').slice(0, 120);
  return { id, task_type, project, executor, model, status, attempt, direction, seconds, error_class };
}

/** Those of the provider and the set-up too, which a person is to know of; not what we ended ourselves. */
function repeatedFailures(
  groups: OutcomeGroup[],
  { repeatedFailures }: AttentionLimits,
): Attention['repeated_failures'] {
  const failed = groups.filter((group) => group.status === 'failed' && excludedOf(group) !== 'ours');
  return countBy(failed, ({ project, task_type, error_class = unknownErrorClass }) => [
    project,
    task_type,
    error_class,
  ])
    .filter(({ count }) => count >= repeatedFailures)
    .map(({ key: [project = '', task_type = '', error_class = ''], count }) => ({
      project,
      task_type,
      error_class,
      count,
    }));
}

function lowSuccessRates(groups: OutcomeGroup[]): Attention['low_success_rate'] {
  const finals = groups.filter((group) => group.final && !excludedOf(group));
  const completed = countBy(
    finals.filter(({ status }) => status === 'completed'),
    ({ project, task_type }) => [project, task_type],
  );
  return countBy(finals, ({ project, task_type }) => [project, task_type]).flatMap(
    ({ key, count: total }) => {
      const good = completed.find((one) => one.key.join('\0') === key.join('\0'))?.count ?? 0;
      const [project = '', task_type = ''] = key;
      return total >= lowRateFrom && good / total < lowRate
        ? [{ project, task_type, rate: good / total, total }]
        : [];
    },
  );
}

function excludedOf({ error_class }: OutcomeGroup): ReturnType<typeof excludedFault> {
  return error_class !== undefined && error_class in faultOf
    ? excludedFault(error_class as ErrorClass)
    : undefined;
}

function countBy(
  groups: OutcomeGroup[],
  keyOf: (group: OutcomeGroup) => string[],
): { key: string[]; count: number }[] {
  const counts = new Map<string, { key: string[]; count: number }>();
  for (const group of groups) {
    const key = keyOf(group);
    const entry = counts.get(key.join('\0')) ?? { key, count: 0 };
    entry.count += group.count;
    counts.set(key.join('\0'), entry);
  }
  return [...counts.values()];
}

function at(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time);
}

function secondsSince(now: number, time: string | undefined): number | undefined {
  return time === undefined ? undefined : (now - Date.parse(time)) / 1000;
}

function secondsTaken({ status, started_at, finished_at }: Task): number | undefined {
  // A cancelled one may have been waiting when it ended.
  if (status === 'cancelled' || started_at === undefined || finished_at === undefined) return undefined;
  return (at(finished_at) - at(started_at)) / 1000;
}

function durationText(seconds: number): string {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const [name, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['second', 1];
  return seconds === size ? name : `${seconds / size} ${name}s`;
}
