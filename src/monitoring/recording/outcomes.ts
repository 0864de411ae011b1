import { ledgerMetrics } from '../../telemetry/names.ts';
import { storeIncreaseBy } from '../store-increase.ts';
import type { RecordingRule } from './recording-rule.ts';

/** How many tasks ended and how: the names of the series. */
export const outcomeSeries = {
  finished1h: 'project_task_type_status:agent_tasks_finished:increase1h',
  successRatio1h: 'project_task_type:agent_tasks_finished:success_ratio1h',
  failedAttempts1h: 'project_task_type_error_class:agent_attempts_failed:increase1h',
  finished1d: 'project_task_type_model_executor_status:agent_tasks_finished:increase1d',
  successRatio1d: 'project_task_type:agent_tasks_finished:success_ratio1d',
  failedAttempts1d: 'project_task_type_executor_error_class:agent_attempts_failed:increase1d',
  failedShare1d: 'project_task_type_error_class:agent_attempts_failed:share1d',
} as const;

const { finished1h, successRatio1h, failedAttempts1h } = outcomeSeries;
const { finished1d, successRatio1d, failedAttempts1d, failedShare1d } = outcomeSeries;

export const hourlyOutcomeRules: readonly RecordingRule[] = [
  {
    record: finished1h,
    expr: storeIncreaseBy(['project', 'task_type', 'status'], ledgerMetrics.tasks_finished, '1h'),
    help: 'Tasks that came to their final outcome in the last hour.',
  },
  {
    record: successRatio1h,
    expr: successRatio(finished1h),
    help: 'The share of them that were completed; absent where none has ended.',
  },
  {
    record: failedAttempts1h,
    expr: storeIncreaseBy(['project', 'task_type', 'error_class'], ledgerMetrics.attempts_failed, '1h'),
    help: 'Attempts that failed in the last hour, by error class.',
  },
];

export const dailyOutcomeRules: readonly RecordingRule[] = [
  {
    record: finished1d,
    expr: storeIncreaseBy(
      ['project', 'task_type', 'model', 'executor', 'status'],
      ledgerMetrics.tasks_finished,
      '1d',
    ),
    help: 'Tasks that came to their final outcome in the last 24 hours.',
  },
  {
    record: successRatio1d,
    expr: successRatio(finished1d),
    help: 'The share of them that were completed; absent where none has ended.',
  },
  {
    record: failedAttempts1d,
    expr: storeIncreaseBy(
      ['project', 'task_type', 'executor', 'error_class'],
      ledgerMetrics.attempts_failed,
      '1d',
    ),
    help: 'Attempts that failed in the last 24 hours, by error class.',
  },
  {
    record: failedShare1d,
    expr: [
      `sum by (project, task_type, error_class) (${failedAttempts1d})`,
      '/ on (project, task_type) group_left ()',
      `(${attempts(['project', 'task_type'])} > 0)`,
    ].join('\n'),
    help: 'The share of all attempts of the last 24 hours that failed with this error class.',
  },
];

function successRatio(finished: string): string {
  return [
    `sum by (project, task_type) (${finished}{status="completed"})`,
    '/',
    `(sum by (project, task_type) (${finished}) > 0)`,
  ].join('\n');
}

/** Every attempt of the last 24 hours: one that completed is a task that did, and each that failed is counted. */
function attempts(labels: readonly string[]): string {
  // Not a sum of two sums: one of the two may be missing, where nothing was ever completed, or ever failed.
  return `sum by (${labels.join(', ')}) (${finished1d}{status="completed"} or ${failedAttempts1d})`;
}
