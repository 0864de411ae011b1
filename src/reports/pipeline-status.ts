import { z } from 'zod';
import { type Budget, budgetState, noBudget } from '../domain/budget.ts';
import type { Clock } from '../domain/clock.ts';
import { groupsOf } from '../domain/outcome-group.ts';
import type { Store } from '../domain/store.ts';
import { type Task, task } from '../domain/task.ts';
import { failureFlags, holdFlag, inTheLast, untakenFlags } from './attention-flags.ts';
import { budgetFlags } from './budget-status.ts';
import { lowSuccessRate, lowSuccessRates, repeatedFailure, repeatedFailures } from './failure-attention.ts';
import { firingAlerts, readFiringAlerts } from './firing-alerts.ts';
import { heldExecutor, heldExecutors, untakenBy, untakenTasks } from './runner-attention.ts';

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
          'Those that can run now, in the order in which runners get them; not those in a back-off, of a paused executor or held back by a budget.',
      }),
    }),
    recent: z.array(brief).meta({ description: 'The one that ended last comes first.' }),
    needs_decision: z.array(brief).meta({ description: 'The one that was queued first comes first.' }),
    budgets: z.array(budgetState).meta({ description: 'That of all projects together comes first.' }),
    attention: z.object({
      stuck: z.array(brief).meta({ description: 'Running for longer than their time limit.' }),
      blocked: z.array(brief).meta({
        description: 'Waiting for a task that failed, was cancelled or does not exist.',
      }),
      executors: z.array(heldExecutor).meta({
        description: 'Executors that get no tasks now: paused for all runners, or closed for one.',
      }),
      untaken: z.array(untakenTasks).meta({
        description:
          'Pending tasks whose executor, project and tags no live runner asks for, the most numerous first.',
      }),
      repeated_failures: z.array(repeatedFailure),
      low_success_rate: z.array(lowSuccessRate),
      flags: z.array(z.string()).meta({
        description: 'The same in sentences, with what to do where that is known; empty if all is well.',
      }),
    }),
    ...firingAlerts.shape,
  })
  .meta({ id: 'PipelineStatus' });
export type PipelineStatus = z.infer<typeof pipelineStatus>;

/** When failures ask for a person's attention: from so many of one class, within so long. */
export interface AttentionLimits {
  windowSeconds: number;
  repeatedFailures: number;
  /** A runner that was heard of within so long is alive. */
  liveWithinSeconds: number;
  /** After how long without a word a firing alert may be stale; none is, unless said. */
  alertRepeatSeconds?: number;
}

/** How much of a list is shown that only grows. */
const shown = 20;
/** How much is read of what is bounded by workers and by people. */
const most = 500;

/** What runs, what waits, what ended last, and what needs a person. */
export async function readPipelineStatus(
  store: Store,
  clock: Clock,
  limits: AttentionLimits,
  budget: Budget = noBudget,
): Promise<PipelineStatus> {
  const now = clock();
  const [running, next, ended, waiting, blocked, counts, ages, outcomes, budgets, { executors, untaken }] =
    await Promise.all([
      store.tasks.list({ order: 'oldest_start', limit: most }),
      store.tasks.list({ order: 'claim', limit: shown, budget }),
      store.tasks.list({ order: 'last_ended', limit: shown }),
      store.tasks.list({ order: 'oldest_decision', limit: most }),
      store.tasks.list({ order: 'blocked', limit: shown }),
      store.tasks.countByStatus(),
      store.tasks.listAges(budget),
      store.outcomes.summarize({ from: now - limits.windowSeconds * 1000, to: now + 1 }),
      store.budgets.list(budget),
      readRunnerAttention(store, now, limits),
    ]);
  const groups = groupsOf(outcomes);
  const oldest = ages.flatMap(({ oldest_pending }) => oldest_pending ?? []);
  const running_for = (item: Task) => briefOf(item, secondsSince(now, item.started_at));
  const needs_decision = waiting.items.map((item) => briefOf(item));
  const overdue = running.items.filter((item) => at(item.started_at) + item.timeout_seconds * 1000 < now);
  const found = {
    stuck: overdue.map(running_for),
    blocked: blocked.items.map((item) => briefOf(item, secondsSince(now, item.queued_at))),
    executors,
    untaken: untaken.slice(0, shown),
    repeated_failures: repeatedFailures(groups, limits.repeatedFailures),
    low_success_rate: lowSuccessRates(groups),
  };
  const flags = [
    ...executors.map((hold) => holdFlag(hold)),
    ...untakenFlags(untaken, inTheLast(limits.liveWithinSeconds)),
    ...found.stuck.map(({ id }) => `Task ${id} has run for longer than its time limit.`),
    ...failureFlags(found, inTheLast(limits.windowSeconds)),
    ...(await Promise.all(blocked.items.map((item) => blockedFlag(store, item)))),
    ...needs_decision.map(({ id }) => `Task ${id} waits for a decision.`),
    ...budgetFlags(budgets, now),
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
    budgets,
    attention: { ...found, flags },
    ...(await readFiringAlerts(store.alerts, now, limits.alertRepeatSeconds)),
  };
}

/** What keeps pending tasks from being taken: holds, and runners that are not there. */
async function readRunnerAttention(store: Store, now: number, { liveWithinSeconds }: AttentionLimits) {
  const [holds, waiting, live] = await Promise.all([
    store.executors.list(),
    store.tasks.countWaiting(),
    store.runners.list(now - liveWithinSeconds * 1000),
  ]);
  return { executors: heldExecutors(holds, waiting, live), untaken: untakenBy(live, waiting, now) };
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
