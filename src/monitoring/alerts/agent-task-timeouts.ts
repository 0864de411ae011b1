import type { ErrorClass } from '../../domain/outcome.ts';
import { ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const timeout: ErrorClass = 'timeout';
const subject = ['project', 'task_type'] as const;

export const agentTaskTimeouts: AlertDeclaration = {
  name: 'AgentTaskTimeouts',
  severity: 'warning',
  category: 'pipeline',
  expr: ({ task_timeouts: { window, count } }) =>
    `${storeIncreaseBy(subject, ledgerMetrics.attempts_failed, window, `error_class="${timeout}"`)} >= ${count}`,
  condition: ({ task_timeouts: { window, count } }) =>
    `At least ${count} attempts of one project and task type were ended by their time limit within ${window}.`,
  for: (objectives) => objectives.task_timeouts.for,
  summary: 'Agent tasks of one type run into their time limit.',
  description: ({ task_timeouts: { window } }) =>
    `{{ $value }} attempts at {{ $labels.task_type }} tasks of project {{ $labels.project }} ` +
    `were ended by their time limit within ${window}.`,
  subject,
  dashboard: 'pipeline',
  improvement: {
    kind: 'heal',
    title: ({ project, task_type }) => `Mend what makes ${task_type} tasks of ${project} time out`,
    direction: () =>
      [
        'Several attempts at tasks of one type ran into their time limit in one project; the alert below',
        'names both. Read the logs of those attempts and find where the time went: a command that hangs or',
        'waits for input, a slow check, a loop, a task that is too large for one attempt. Mend the cause with',
        'the smallest change that does it, and show how long the slow step takes before and after.',
        'Do not remove a check to save its time. If the tasks are simply too large, change nothing and say',
        'how they should be divided, or what time limit they need.',
      ].join('\n'),
  },
};
