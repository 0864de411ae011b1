import { ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { firing } from '../fired-alerts.ts';
import type { Objectives } from '../objectives.ts';
import { decimal, enclose } from '../promql.ts';
import { failureSubject } from '../repeated-failures.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const { attempts_failed, tasks_finished } = ledgerMetrics;

/** Final outcomes with this status, without those of a model that another alert has told of. */
function finals(status: 'completed' | 'failed', window: string): string {
  return `sum by (project, task_type, status) ${enclose(
    [
      storeIncreaseBy(
        [...failureSubject, 'executor', 'model', 'status'],
        tasks_finished,
        window,
        `status="${status}"`,
      ),
      'unless on (executor, model)',
      firing('AgentModelFailures', window),
    ].join('\n'),
  )}`;
}

/**
 * At the rate that is asked for, each completed task allows for a part of a failed one. What fails beyond that is
 * counted, and must be more than chance makes of few tasks. Tasks that a runner took with it are not counted, nor is a
 * project of whose failures another alert has told within the window: it would be told twice.
 */
function expr({ low_success_rate: { window, rate, count } }: Objectives): string {
  const excess = [
    finals('failed', window),
    'or',
    `-${decimal((1 - rate) / rate)} *`,
    finals('completed', window),
    'or',
    '-1 *',
    storeIncreaseBy([...failureSubject, 'error_class'], attempts_failed, window, 'error_class="lost"'),
  ].join('\n');
  return [
    `sum by (project, task_type) ${enclose(finals('failed', window))}`,
    'and on (project, task_type)',
    `(sum by (project, task_type) ${enclose(excess)} >= ${count})`,
    'unless on (project)',
    firing('AgentRepeatedFailures', window),
    'unless on (project, task_type)',
    firing('AgentTaskTimeouts', window),
  ].join('\n');
}

export const agentLowSuccessRate: AlertDeclaration = {
  name: 'AgentLowSuccessRate',
  severity: 'warning',
  category: 'pipeline',
  expr,
  slow: true,
  condition: ({ low_success_rate: { window, rate, count } }) =>
    `Of the tasks of one project and type that ended within ${window} fewer than ${Math.round(rate * 100)} % were ` +
    `completed, by at least ${count} failures more than that allows. Not where \`AgentRepeatedFailures\` or ` +
    `\`AgentTaskTimeouts\` have told of them within ${window}.`,
  for: (objectives) => objectives.low_success_rate.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Too few agent tasks of one type succeed.',
  description: ({ low_success_rate: { window, rate } }) =>
    `{{ $value }} {{ $labels.task_type }} tasks of project {{ $labels.project }} failed within ${window}: more than a ` +
    `success rate of ${Math.round(rate * 100)} % allows.`,
  subject: failureSubject,
  inhibitedBy: [
    { alert: 'AgentRepeatedFailures', equal: ['project'] },
    { alert: 'AgentTaskTimeouts', equal: ['project', 'task_type'] },
  ],
  dashboard: 'pipeline',
  improvement: {
    kind: 'heal',
    title: ({ project, task_type }) => `Raise the success rate of ${task_type} tasks of ${project}`,
    direction: () =>
      [
        'Too many tasks of one type fail in one project, now and then rather than all at once; the alert below',
        'names both. Read the logs of those that failed and of some that succeeded, and find what sets them apart:',
        'instructions that leave out what the agent needs, a check that fails now and then, a dependency that is',
        'sometimes missing, tasks that are too large. Mend what accounts for most of the failures with the smallest',
        'change that does it, and say which of the failed tasks it would have saved.',
        'Do not weaken a check to raise the rate. If the causes have nothing in common, change nothing and list them.',
      ].join('\n'),
  },
};
