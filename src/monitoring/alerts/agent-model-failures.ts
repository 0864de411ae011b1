import { ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import type { Objectives } from '../objectives.ts';
import { enclose } from '../promql.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const { attempts_failed, tasks_finished } = ledgerMetrics;
const subject = ['executor', 'model'] as const;

const failed = (labels: readonly string[], window: string) =>
  storeIncreaseBy(labels, tasks_finished, window, 'status="failed"');
const completed = (labels: readonly string[], window: string) =>
  storeIncreaseBy(labels, tasks_finished, window, 'status="completed"');

/**
 * Every task of a model fails, in several projects, or in several task types in which others succeed: what these
 * failures share is the model. In one project without such a comparison it may as well be the project. A runner that
 * died has ended tasks of any kind, and is not the model's fault.
 */
function failing({ model_failures: { count, kinds } }: Objectives, window: string): string {
  const spread = [
    `count by (executor, model) (${failed(['project', ...subject], window)} > 0) >= ${kinds}`,
    'or',
    `count by (executor, model) ${enclose(
      [
        `${failed(['project', 'task_type', ...subject], window)} > 0`,
        'and on (project, task_type)',
        `${completed(['project', 'task_type'], window)} > 0`,
      ].join('\n'),
    )} >= ${kinds}`,
  ].join('\n');
  return [
    `${failed(subject, window)} >= ${count}`,
    'unless on (executor, model)',
    `${completed(subject, window)} > 0`,
    'and on (executor, model)',
    enclose(spread),
    'unless on (executor)',
    `2 * ${storeIncreaseBy(['executor'], attempts_failed, window, 'error_class="lost"')} >= ${count}`,
  ].join('\n');
}

export const agentModelFailures: AlertDeclaration = {
  name: 'AgentModelFailures',
  severity: 'warning',
  category: 'pipeline',
  expr: (objectives) => {
    const { window, middle_window, short_window } = objectives.model_failures;
    return [short_window, middle_window, window].map((within) => failing(objectives, within)).join('\nor\n');
  },
  slow: true,
  condition: ({ model_failures: { window, middle_window, short_window, count, kinds } }) =>
    `At least ${count} tasks of one executor and model have failed within ${window}, ${middle_window} or ${short_window} and none was ` +
    `completed; they are of at least ${kinds} projects, or of ${kinds} task types of which others completed some.`,
  for: (objectives) => objectives.model_failures.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Every agent task of one model fails, whatever it is about.',
  description: () =>
    '{{ $value }} tasks of {{ $labels.executor }} with model {{ $labels.model }} failed one after the other, in ' +
    'different projects or task types, and none was completed. They are not counted as failures of those projects.',
  subject,
  inhibitedBy: [{ alert: 'AgentProviderOverloaded', equal: ['executor'] }],
  dashboard: 'pipeline',
};
