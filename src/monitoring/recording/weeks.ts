import { outcomeSeries } from './outcomes.ts';
import type { RecordingRule } from './recording-rule.ts';
import { spendingSeries } from './spending.ts';

/** What completed work has cost of late, and over a week: the names of the series. */
export const weekSeries = {
  completed3d: 'project_task_type:agent_tasks_finished:completed3d',
  completed7d: 'project_task_type:agent_tasks_finished:completed7d',
  paidPerCompleted3d: 'project_task_type:agent_task_cost_usd:paid_per_completed3d',
  paidPerCompleted7d: 'project_task_type:agent_task_cost_usd:paid_per_completed7d',
  usualPerCompleted7d: 'project_task_type:agent_task_cost_usd:usual_per_completed7d',
  unpricedPerCompleted7d: 'project_task_type:agent_task_unpriced_attempts:per_completed7d',
} as const;

/** Sums of what is recorded for each hour: raw samples of a week would be too many to read. */
export const weekRules: readonly RecordingRule[] = [
  ...rulesOf('3d'),
  ...rulesOf('7d'),
  {
    record: weekSeries.usualPerCompleted7d,
    // One day on which little was completed, or much was paid, is not what is usual.
    expr: `quantile_over_time(0.5, ${spendingSeries.paidPerCompleted1d}[7d:1d])`,
    help: 'US dollars paid for a completed task on a usual day: the median of the last 7 with any.',
  },
  {
    record: weekSeries.unpricedPerCompleted7d,
    expr: `${summed(spendingSeries.unpriced1h, '7d')}\n/\n(${weekSeries.completed7d} > 0)`,
    help: 'Attempts of these days whose cost is not known, for each completed task.',
  },
];

function rulesOf(window: '3d' | '7d'): RecordingRule[] {
  const completed = weekSeries[`completed${window}`];
  return [
    {
      record: completed,
      expr: summed(`${outcomeSeries.finished1h}{status="completed"}`, window),
      help: `Tasks that were completed in the last ${window.replace('d', '')} days.`,
    },
    {
      record: weekSeries[`paidPerCompleted${window}`],
      expr: `${summed(spendingSeries.paidByType1h, window)}\n/\n(${completed} > 0)`,
      help: 'US dollars paid for each of them, failed attempts included.',
    },
  ];
}

function summed(hourly: string, window: string): string {
  return `sum by (project, task_type) (sum_over_time(${hourly}[${window}:1h]))`;
}
