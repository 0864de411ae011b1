import { ledgerMetrics } from '../telemetry/names.ts';
import { storeIncreaseBy } from './store-increase.ts';

/** One recording rule; its name is `level:metric:operation`. */
export interface RecordingRule {
  record: string;
  expr: string;
  /** What it is for, for the docs. */
  help: string;
}

/** The names of the recorded series, for rules and dashboards. */
export const recorded = {
  finished1h: 'project_task_type_status:agent_tasks_finished:increase1h',
  successRatio1h: 'project_task_type:agent_tasks_finished:success_ratio1h',
  failedAttempts1h: 'project_task_type_error_class:agent_attempts_failed:increase1h',
} as const;

/** Every recording rule, each behind those that it reads. */
export const recordingRules: readonly RecordingRule[] = [
  {
    record: recorded.finished1h,
    expr: storeIncreaseBy(['project', 'task_type', 'status'], ledgerMetrics.tasks_finished, '1h'),
    help: 'Tasks that came to their final outcome in the last hour.',
  },
  {
    record: recorded.successRatio1h,
    expr: [
      `sum by (project, task_type) (${recorded.finished1h}{status="completed"})`,
      '/',
      `(sum by (project, task_type) (${recorded.finished1h}) > 0)`,
    ].join('\n'),
    help: 'The share of them that were completed; absent where none has ended.',
  },
  {
    record: recorded.failedAttempts1h,
    expr: storeIncreaseBy(['project', 'task_type', 'error_class'], ledgerMetrics.attempts_failed, '1h'),
    help: 'Attempts that failed in the last hour, by error class.',
  },
];
