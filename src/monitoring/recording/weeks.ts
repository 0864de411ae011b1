import { outcomeSeries } from './outcomes.ts';
import type { RecordingRule } from './recording-rule.ts';
import { spendingSeries } from './spending.ts';

/** What completed work has cost of late, and over a week: the names of the series. */
export const weekSeries = {
  completed3d: 'project_task_type:agent_tasks_finished:completed3d',
  completed7d: 'project_task_type:agent_tasks_finished:completed7d',
  paidPerCompleted3d: 'project_task_type:agent_task_cost_usd:paid_per_completed3d',
  paidPerCompleted7d: 'project_task_type:agent_task_cost_usd:paid_per_completed7d',
  unpricedPerCompleted3d: 'project_task_type:agent_task_unpriced_attempts:per_completed3d',
  unpricedPerCompleted7d: 'project_task_type:agent_task_unpriced_attempts:per_completed7d',
} as const;

/** Sums of what is recorded for each hour: raw samples of a week would be too many to read. */
export const weekRules: readonly RecordingRule[] = [...rulesOf('3d'), ...rulesOf('7d')];

function rulesOf(window: '3d' | '7d'): RecordingRule[] {
  const completed = weekSeries[`completed${window}`];
  const days = `${window.replace('d', '')} days`;
  const summed = (hourly: string) => `sum by (project, task_type) (sum_over_time(${hourly}[${window}:1h]))`;
  return [
    {
      record: completed,
      expr: summed(`${outcomeSeries.finished1h}{status="completed"}`),
      help: `Tasks that were completed in the last ${days}.`,
    },
    {
      record: weekSeries[`paidPerCompleted${window}`],
      expr: `${summed(spendingSeries.paidByType1h)}\n/\n(${completed} > 0)`,
      help: `US dollars paid for each of them, failed attempts included.`,
    },
    {
      record: weekSeries[`unpricedPerCompleted${window}`],
      expr: `${summed(spendingSeries.unpriced1h)}\n/\n(${completed} > 0)`,
      help: `Attempts whose cost is not known, for each of them.`,
    },
  ];
}
