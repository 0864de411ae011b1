import type { TaskRequest } from '../../src/domain/task.ts';
import { type Random, shuffled } from './random.ts';

/** How a fake agent behaves, and what becomes of its task whatever is killed meanwhile. */
export interface Behaviour {
  /** As `test/chaos/agent` knows it. */
  name: string;
  /** Of every hundred tasks. */
  share: number;
  ends: 'completed' | 'failed';
  /** Whose fault a failure may be. */
  classes: readonly string[];
  task?: Partial<TaskRequest>;
  /** Whether it works in the git repository. */
  inRepository?: boolean;
}

/** As many as there may be: a kill costs at most one, and there are fewer kills. */
const manyAttempts = 100;
const none: readonly string[] = [];

/** Only a failure ends in `lost`, and only if its last attempt was: what is to complete has attempts enough. */
export const behaviours: readonly Behaviour[] = [
  { name: 'quick', share: 38, ends: 'completed', classes: none },
  { name: 'slow', share: 10, ends: 'completed', classes: none },
  { name: 'edits', share: 8, ends: 'completed', classes: none, inRepository: true },
  { name: 'commits', share: 5, ends: 'completed', classes: none, inRepository: true },
  { name: 'flaky', share: 8, ends: 'completed', classes: none },
  { name: 'strays', share: 8, ends: 'completed', classes: none },
  { name: 'lingers', share: 4, ends: 'completed', classes: none },
  { name: 'fails', share: 6, ends: 'failed', classes: ['nonzero_exit', 'lost'], task: { max_attempts: 2 } },
  {
    name: 'fails',
    share: 4,
    ends: 'failed',
    classes: ['nonzero_exit', 'lost'],
    task: { max_attempts: 2 },
    inRepository: true,
  },
  {
    name: 'hangs',
    share: 4,
    ends: 'failed',
    classes: ['timeout', 'lost'],
    task: { max_attempts: 1, timeout_seconds: 1 },
  },
  { name: 'over-budget', share: 5, ends: 'failed', classes: ['budget'] },
];

/** A task of the run, and what it has to come to. */
export interface PlannedTask {
  request: Partial<TaskRequest> & { id: string };
  behaviour: Behaviour;
}

/** So many tasks in a random order, each behaviour with its share of them. */
export function planTasks(count: number, { repo, random }: { repo: string; random: Random }): PlannedTask[] {
  const ofHundred = behaviours.flatMap((behaviour) =>
    Array.from({ length: behaviour.share }, () => behaviour),
  );
  const all = Array.from({ length: Math.ceil(count / ofHundred.length) }, () => ofHundred).flat();
  return shuffled(all, random)
    .slice(0, count)
    .map((behaviour, index) => ({ behaviour, request: requestFor(behaviour, `c${index}`, repo) }));
}

function requestFor({ name, task, inRepository }: Behaviour, id: string, repo: string) {
  return {
    id,
    direction: name,
    task_type: 'impl',
    executor: 'claude-code',
    max_attempts: manyAttempts,
    ...(inRepository && { repo }),
    ...task,
  };
}
