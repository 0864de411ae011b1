import { excludedFault } from '../../src/domain/outcome.ts';
import type { MetricsSummary } from '../../src/reports/metrics-summary.ts';
import { ledgerMetrics } from '../../src/telemetry/names.ts';
import { sumOf } from '../exposition.ts';
import type { PlannedTask } from './behaviours.ts';
import type { Journal } from './journal.ts';
import { committed } from './left-overs.ts';
import type { TaskDetail } from './service-api.ts';

/** A planned task, and what it has come to. */
export interface EndedTask extends PlannedTask {
  task: TaskDetail;
}

/** Each task has the end that its agent's behaviour gives it, once, in its last attempt. */
export function wrongEnds(ended: readonly EndedTask[], repo: string): string[] {
  return ended.flatMap(({ behaviour, task }) => {
    const { id, status, error_class, attempts } = task;
    const numbers = attempts.map(({ attempt }) => attempt).sort((a, b) => a - b);
    const finals = attempts.filter(({ final }) => final);
    const last = attempts.find(({ attempt }) => attempt === numbers.at(-1));
    const wrong = [
      status !== behaviour.ends && `is ${status}`,
      status === 'failed' && !behaviour.classes.includes(error_class ?? '') && `failed of ${error_class}`,
      numbers.some((number, index) => number !== index + 1) && `has the attempts ${numbers.join(', ')}`,
      finals.length !== 1 && `has ${finals.length} final outcomes`,
      !last?.final && 'ended before its last attempt',
      attempts.some((attempt) => attempt.status === 'running') && 'has an attempt that runs',
      behaviour.inRepository && status === 'completed' && lacksCommit(task, repo),
    ];
    return wrong
      .filter((what) => what !== false && what !== undefined)
      .map((what) => `${behaviour.name} ${id} ${what}`);
  });
}

/** A completed change is on its branch, whoever was killed after it was made. */
function lacksCommit({ id, branch }: TaskDetail, repo: string): string | undefined {
  if (branch === undefined) return 'has no branch';
  const content = committed(repo, branch, `${id}.txt`);
  return content === `${id}\n`
    ? undefined
    : `has ${content === undefined ? 'no' : 'another'} file on ${branch}`;
}

/** What the agents did by their own account is what was recorded. */
export function wrongRuns(ended: readonly EndedTask[], journal: Journal): string[] {
  const twice = [...journal.begun]
    .filter(([, count]) => count > 1)
    .map(([attempt]) => `attempt ${attempt} ran twice`);
  const unearned = ended.flatMap(({ task }) =>
    task.attempts
      .filter(
        ({ status, attempt }) => status === 'completed' && journal.ended.get(`${task.id} ${attempt}`) !== 1,
      )
      .map(({ attempt }) => `attempt ${task.id} ${attempt} is completed, and did not come to its end once`),
  );
  return [...twice, ...unearned];
}

/** The numbers by which the run is counted, each from the list of attempts. */
export function expectedCounts(ended: readonly EndedTask[]) {
  const attempts = ended.flatMap(({ task }) => task.attempts);
  const classes = attempts.flatMap(({ error_class }) => error_class ?? []);
  const byClass: Record<string, number> = {};
  for (const name of classes) byClass[name] = (byClass[name] ?? 0) + 1;
  const counted = ended.filter(
    ({ behaviour }) => !behaviour.classes.some((name) => excludedFault(name as never)),
  );
  return {
    completed: counted.filter(({ behaviour }) => behaviour.ends === 'completed').length,
    failed: counted.filter(({ behaviour }) => behaviour.ends === 'failed').length,
    ours: ended.length - counted.length,
    attempts: attempts.length,
    byClass,
    costUsd: attempts.reduce((sum, { cost_usd = 0 }) => sum + cost_usd, 0),
  };
}
export type Counts = ReturnType<typeof expectedCounts>;

/** The contract counts the same. */
export function wrongSummary(
  expected: Counts,
  { success_rate, attempts, excluded, usage }: MetricsSummary,
): string[] {
  return [
    ...differs('contract: completed', success_rate.completed, expected.completed),
    ...differs('contract: failed', success_rate.failed, expected.failed),
    ...differs('contract: excluded as ours', excluded.ours, expected.ours),
    ...differs('contract: attempts', attempts.total, expected.attempts),
    ...differs('contract: error classes', sorted(attempts.by_error_class), sorted(expected.byClass)),
    ...differs('contract: cost', dollars(usage.cost_usd ?? 0), dollars(expected.costUsd)),
  ];
}

/** The exported counters count the same. */
export function wrongCounters(expected: Counts, samples: ReadonlyMap<string, number>): string[] {
  const { tasks_finished, attempts_failed, cost_usd } = ledgerMetrics;
  const finished = (status: string) => sumOf(samples, tasks_finished.name, `status="${status}"`);
  const failedOf = (name: string) => sumOf(samples, attempts_failed.name, `error_class="${name}"`);
  return [
    ...differs('counter: completed', finished('completed'), expected.completed),
    ...differs('counter: failed', finished('failed'), expected.failed),
    ...Object.entries(expected.byClass).flatMap(([name, count]) =>
      differs(`counter: attempts failed of ${name}`, failedOf(name), count),
    ),
    ...differs('counter: cost', dollars(sumOf(samples, cost_usd.name)), dollars(expected.costUsd)),
  ];
}

function differs(what: string, is: number | string, expected: number | string): string[] {
  return is === expected ? [] : [`${what}: ${is}, and ${expected} in the list of attempts`];
}

function dollars(amount: number): string {
  return amount.toFixed(4);
}

function sorted(counts: Record<string, number>): string {
  return JSON.stringify(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}
