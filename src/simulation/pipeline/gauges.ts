import { holdClasses } from '../../domain/executor-hold.ts';
import { storeGauges } from '../../telemetry/names.ts';
import { minutesPerDay, timeOf } from '../calendar.ts';
import { executors, projects, type Work, works } from '../work.ts';
import { type PipelineState, pausedFor } from './state.ts';

/** What may be spent in 24 hours, in US dollars; without a project, of all together. */
export const budgets: Readonly<Record<string, number>> = { shop: 220, till: 70, etl: 40, '': 360 };

type Kind = Pick<Work, 'project' | 'task_type' | 'executor'>;
const kinds: Kind[] = [
  ...new Map(
    works.map(({ project, task_type, executor }) => [
      `${project}/${task_type}/${executor}`,
      { project, task_type, executor },
    ]),
  ).values(),
];

/** Sets what the service reads from its store at a scrape. */
export function showStore(state: PipelineState): void {
  for (const kind of kinds) showKind(state, kind);
  for (const { id, heard_at } of state.runners) {
    gauge(state, 'runner_heartbeat', { runner: id }).value = timeOf(heard_at) - 10;
  }
  for (const executor of executors) showHolds(state, executor);
  for (const [project, limit] of Object.entries(budgets)) showBudget(state, project, limit);
}

function gauge({ table }: PipelineState, name: keyof typeof storeGauges, labels: Record<string, string>) {
  return table.gauge('store', storeGauges[name].name, labels);
}

function showKind(state: PipelineState, kind: Kind): void {
  const { project, task_type, executor } = kind;
  const labels = { project, task_type, executor };
  const is = ({ work }: { work: Work }) =>
    work.project === project && work.task_type === task_type && work.executor === executor;
  const pending = state.queue.filter(is);
  const held = pausedFor(state, executor) !== undefined;
  const runnable = held ? [] : pending.filter(({ not_before }) => not_before <= state.minute);
  gauge(state, 'tasks', { project, task_type, status: 'pending' }).value = pending.length;
  gauge(state, 'oldest_pending', labels).value = earliest(
    runnable.map(({ queued_at, not_before }) => Math.max(queued_at, not_before, lastPause(state, executor))),
  );
  gauge(state, 'oldest_progress', labels).value = earliest(
    state.attempts.filter(({ task }) => is(task)).map(({ progress_at }) => progress_at),
  );
  gauge(state, 'oldest_decision', labels).value = earliest(
    state.decisions.filter(({ task }) => is(task)).map(({ asked_at }) => asked_at),
  );
}

/** A task has waited for nothing but the pause of its executor until that ended. */
function lastPause({ pauses, minute }: PipelineState, executor: string): number {
  const until = pauses.get(executor)?.until ?? 0;
  return until <= minute ? until : 0;
}

/** The time of the earliest minute; not exported if there is none. */
function earliest(minutes: number[]): number {
  return minutes.length === 0 ? Number.NaN : timeOf(Math.min(...minutes));
}

function showHolds(state: PipelineState, executor: string): void {
  const closed = state.runners.flatMap((runner) => runner.closed.get(executor) ?? []);
  const held = [pausedFor(state, executor), ...closed];
  gauge(state, 'executor_paused', { executor }).value = held.some((reason) => reason !== undefined) ? 1 : 0;
  for (const reason of holdClasses) {
    gauge(state, 'executor_held', { executor, reason }).value = held.includes(reason) ? 1 : 0;
  }
}

function showBudget(state: PipelineState, project: string, usual: number): void {
  const { faults, lowered, minute } = state;
  const spent = project === '' ? sum(projects.map((each) => spentBy(state, each))) : spentBy(state, project);
  for (const fault of faults.beginning('budget_lowered', minute)) {
    if (fault.project === project) lowered.set(project, spent / fault.share);
  }
  const isLowered = faults.active('budget_lowered', minute).some((fault) => fault.project === project);
  const limit = isLowered ? (lowered.get(project) ?? usual) : usual;
  gauge(state, 'budget_limit', { project }).value = Math.round(limit * 100) / 100;
  gauge(state, 'budget_spent', { project }).value = Math.round(spent * 1e4) / 1e4;
  gauge(state, 'throttled', { project }).value = 0;
}

/** What was spent in the last 24 hours: the total now less what it was then. */
function spentBy({ paid, minute }: PipelineState, project: string): number {
  const account = paid.get(project);
  if (!account) return 0;
  account.totals[minute] = account.total;
  return account.total - (minute >= minutesPerDay ? (account.totals[minute - minutesPerDay] ?? 0) : 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
