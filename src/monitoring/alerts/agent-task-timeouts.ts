import type { ErrorClass } from '../../domain/outcome.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { enclose } from '../promql.ts';
import { failureSubject, failuresOfWork, tooManyFailures } from '../repeated-failures.ts';

const timeout: ErrorClass = 'timeout';
const matchers = `error_class="${timeout}"`;

export const agentTaskTimeouts: AlertDeclaration = {
  name: 'AgentTaskTimeouts',
  severity: 'warning',
  category: 'pipeline',
  expr: ({ task_timeouts: limits }) =>
    [
      `sum by (project, task_type) ${enclose(failuresOfWork(limits.window, matchers))}`,
      'and on (project, task_type)',
      enclose(tooManyFailures(limits, matchers)),
    ].join('\n'),
  slow: true,
  condition: ({ task_timeouts: { window, short_window, count, per_completed } }) =>
    `Attempts of one project and task type were ended by their time limit: at least ${count}, and ${per_completed} more ` +
    `for each completed one, within ${window} or ${short_window}. Not those that \`AgentModelFailures\` tells of.`,
  for: (objectives) => objectives.task_timeouts.for,
  keepFiringFor: (objectives) => objectives.task_timeouts.keep_firing_for,
  summary: 'Agent tasks of one type run into their time limit.',
  description: ({ task_timeouts: { window } }) =>
    `{{ $value }} attempts at {{ $labels.task_type }} tasks of project {{ $labels.project }} ` +
    `were ended by their time limit within ${window}.`,
  subject: failureSubject,
  // What fails of a broken branch may hang of it too; a provider that answers late makes its own errors as well.
  inhibitedBy: [{ alert: 'AgentRepeatedFailures', equal: ['project'] }, { alert: 'AgentProviderOverloaded' }],
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
