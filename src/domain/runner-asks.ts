import { z } from 'zod';
import { claimRequest } from './attempt.ts';

/** What a runner takes tasks of, as it said when it last asked for some. */
export const runnerAsks = z.object(claimRequest.pick({ executors: true, projects: true, tags: true }).shape);
export type RunnerAsks = z.output<typeof runnerAsks>;

/** What a task asks of the runner that takes it. */
export interface TaskNeeds {
  executor: string;
  project: string;
  tags: readonly string[];
}

/** What keeps tasks from a runner, in the order in which it is looked at. */
export const lacks = ['executor', 'project', 'tags'] as const;
export type Lack = (typeof lacks)[number];

/** What a runner that asks for this lacks for these tasks; undefined if it takes them. As a claim decides it. */
export function lackOf(asks: RunnerAsks, needs: TaskNeeds): Lack | undefined {
  if (!asks.executors.includes(needs.executor)) return 'executor';
  if (asks.projects && !asks.projects.includes(needs.project)) return 'project';
  const offered = asks.tags;
  return offered && needs.tags.some((tag) => !offered.includes(tag)) ? 'tags' : undefined;
}
