import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { excludedFault } from '../domain/outcome.ts';
import type { OutcomeGroup, Store } from '../domain/store.ts';
import { task } from '../domain/task.ts';

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
    running: z.array(brief),
    pending: z.object({ count: z.int(), oldest_seconds: z.number().nullable(), next: z.array(brief) }),
    recent: z.array(brief),
    needs_decision: z.array(brief),
    attention: z.object({
      stuck: z.array(brief).meta({ description: 'Running for longer than their time limit.' }),
      repeated_failures: z.array(
        z.object({ project: z.string(), task_type: z.string(), error_class: z.string(), count: z.int() }),
      ),
      low_success_rate: z.array(
        z.object({ project: z.string(), task_type: z.string(), rate: z.number(), total: z.int() }),
      ),
      flags: z.array(z.string()).meta({ description: 'The same in sentences; empty if all is well.' }),
    }),
  })
  .meta({ id: 'PipelineStatus' });
export type PipelineStatus = z.infer<typeof pipelineStatus>;

const window = 6 * 3600 * 1000;
const repeated = 3;
const lowRate = 0.7;
const lowRateFrom = 5;
const shown = 20;

type Task = z.infer<typeof task>;

/** What runs, what waits, what ended last, and what needs a person, over the last 6 hours. */
export async function readPipelineStatus(store: Store, clock: Clock): Promise<PipelineStatus> {
  const now = clock();
  const list = (status: Task['status']) => store.tasks.list({ status, limit: shown });
  const [running, pending, completed, failed, waiting, counts, ages, groups] = await Promise.all([
    list('running'),
    list('pending'),
    list('completed'),
    list('failed'),
    list('needs_decision'),
    store.tasks.countByStatus(),
    store.tasks.listAges(),
    store.outcomes.summarize({ from: now - window, to: now + 1 }),
  ]);
  const oldest = ages.flatMap(({ oldest_pending }) => oldest_pending ?? []);
  const ended = [...completed.items, ...failed.items].sort((a, b) => at(b.finished_at) - at(a.finished_at));
  const status = {
    at: new Date(now).toISOString(),
    running: running.items.map((item) => briefOf(item, secondsSince(now, item.started_at))),
    pending: {
      count: counts.filter(({ status }) => status === 'pending').reduce((sum, { count }) => sum + count, 0),
      oldest_seconds: oldest.length > 0 ? (now - Math.min(...oldest)) / 1000 : null,
      next: pending.items.map((item) => briefOf(item, secondsSince(now, item.queued_at))),
    },
    recent: ended
      .slice(0, shown)
      .map((item) => briefOf(item, (at(item.finished_at) - at(item.started_at)) / 1000)),
    needs_decision: waiting.items.map((item) => briefOf(item)),
  };
  const stuck = running.items
    .filter((item) => at(item.started_at) + item.timeout_seconds * 1000 < now)
    .map((item) => briefOf(item));
  const repeated_failures = repeatedFailures(groups);
  const low_success_rate = lowSuccessRates(groups);
  const flags = [
    ...stuck.map(({ id }) => `Task ${id} has run for longer than its time limit.`),
    ...repeated_failures.map(
      ({ project, task_type, error_class, count }) =>
        `${count} ${task_type} attempts in ${project} failed with ${error_class} in the last 6 hours.`,
    ),
    ...low_success_rate.map(
      ({ project, task_type, rate, total }) =>
        `Only ${Math.round(rate * 100)} % of ${total} ${task_type} tasks in ${project} succeeded in the last 6 hours.`,
    ),
    ...status.needs_decision.map(({ id }) => `Task ${id} waits for a decision.`),
  ];
  return { ...status, attention: { stuck, repeated_failures, low_success_rate, flags } };
}

function briefOf(item: Task, seconds?: number): z.infer<typeof brief> {
  const { id, task_type, project, executor, model, status, attempt, error_class } = item;
  const direction = (item.direction.split('\n', 1)[0] ?? '').slice(0, 120);
  return { id, task_type, project, executor, model, status, attempt, direction, seconds, error_class };
}

function repeatedFailures(groups: OutcomeGroup[]): PipelineStatus['attention']['repeated_failures'] {
  const failed = groups.filter(({ status }) => status === 'failed');
  return countBy(failed, ({ project, task_type, error_class = 'unknown' }) => [
    project,
    task_type,
    error_class,
  ])
    .filter(({ count }) => count >= repeated)
    .map(({ key: [project = '', task_type = '', error_class = ''], count }) => ({
      project,
      task_type,
      error_class,
      count,
    }));
}

function lowSuccessRates(groups: OutcomeGroup[]): PipelineStatus['attention']['low_success_rate'] {
  const finals = groups.filter(({ final, error_class }) => final && !isExcluded(error_class));
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

function isExcluded(errorClass: string | undefined): boolean {
  return excludedFault(errorClass as Parameters<typeof excludedFault>[0]) !== undefined;
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
