import { z } from 'zod';
import { type ExecutorHold, executorHold } from '../domain/executor-hold.ts';
import { lackOf, lacks, type TaskNeeds } from '../domain/runner-asks.ts';
import type { RunnerSeen } from '../domain/runner-store.ts';
import type { WaitingTasks } from '../domain/task-store.ts';

export const heldExecutor = z.object({
  ...executorHold.shape,
  pending: z.int().meta({ description: 'How many tasks of this executor are pending.' }),
});
export type HeldExecutor = z.infer<typeof heldExecutor>;

/** Pending tasks that no live runner asks for. */
export const untakenTasks = z.object({
  executor: z.string(),
  project: z.string(),
  tags: z.array(z.string()),
  count: z.int(),
  oldest_seconds: z.number(),
  lack: z.enum(['runner', ...lacks]).meta({
    description:
      'What there is none of: any live runner; one for the executor; one of those for the project; one of those with the tags.',
  }),
});
export type UntakenTasks = z.infer<typeof untakenTasks>;

/** The holds in force, with the work that waits behind them; not those for a runner that is gone. */
export function heldExecutors(
  holds: readonly ExecutorHold[],
  waiting: readonly WaitingTasks[],
  live: readonly RunnerSeen[],
): HeldExecutor[] {
  const alive = new Set(live.map(({ runner }) => runner));
  return holds
    .filter(({ runner }) => runner === undefined || alive.has(runner))
    .map((hold) => ({
      ...hold,
      pending: waiting
        .filter(({ executor }) => executor === hold.executor)
        .reduce((sum, { count }) => sum + count, 0),
    }));
}

/** What none of these runners asks for. One that has not said what it asks for may take anything. */
export function untakenBy(
  live: readonly RunnerSeen[],
  waiting: readonly WaitingTasks[],
  now: number,
): UntakenTasks[] {
  return waiting.flatMap(({ executor, project, tags, count, oldest }) => {
    const lack = lackAmong(live, { executor, project, tags });
    if (lack === undefined) return [];
    return [{ executor, project, tags: [...tags], count, oldest_seconds: (now - oldest) / 1000, lack }];
  });
}

/** What the runner lacks that comes nearest; undefined if one takes them. */
function lackAmong(live: readonly RunnerSeen[], needs: TaskNeeds): UntakenTasks['lack'] | undefined {
  const order: UntakenTasks['lack'][] = ['runner', ...lacks];
  let nearest: UntakenTasks['lack'] = 'runner';
  for (const { asks } of live) {
    const lack = asks && lackOf(asks, needs);
    if (lack === undefined) return undefined;
    if (order.indexOf(lack) > order.indexOf(nearest)) nearest = lack;
  }
  return nearest;
}
