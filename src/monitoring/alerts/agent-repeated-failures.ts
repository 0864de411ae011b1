import { errorClasses, excludedFault } from '../../domain/outcome.ts';
import { ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { storeIncreaseBy } from '../store-increase.ts';

/**
 * Classes that no change to the work can mend, and `timeout`, which has an alert of its own. Those that are
 * left out are named, not those that count: an attempt that failed without a class (`unknown`) counts.
 */
const elsewhere = errorClasses.filter((name) => name === 'timeout' || excludedFault(name));

const matchers = `error_class!~"${elsewhere.join('|')}"`;
const subject = ['project', 'task_type'] as const;

export const agentRepeatedFailures: AlertDeclaration = {
  name: 'AgentRepeatedFailures',
  severity: 'warning',
  category: 'pipeline',
  expr: ({ repeated_failures: { window, count } }) =>
    `${storeIncreaseBy(subject, ledgerMetrics.attempts_failed, window, matchers)} >= ${count}`,
  condition: ({ repeated_failures: { window, count } }) =>
    `At least ${count} attempts of one project and task type have failed within ${window}, for reasons of the work.`,
  for: (objectives) => objectives.repeated_failures.for,
  summary: 'Agent tasks of one type fail again and again.',
  description: ({ repeated_failures: { window } }) =>
    `{{ $value }} attempts at {{ $labels.task_type }} tasks of project {{ $labels.project }} ` +
    `failed within ${window}. Failures of the provider or the set-up, and timeouts, are not among them.`,
  subject,
  dashboard: 'pipeline',
  improvement: {
    kind: 'heal',
    title: ({ project, task_type }) => `Mend what makes ${task_type} tasks of ${project} fail`,
    direction: () =>
      [
        'Several attempts at tasks of one type have failed in one project; the alert below names both.',
        'Read the logs of the failed attempts and find the cause that most of them share: a broken file,',
        'a check that cannot pass, a missing dependency, an instruction that misleads. Mend that cause with',
        'the smallest change that does it, and show by running the failing command that it passes now.',
        'Do not weaken a check to make it pass. If the causes differ or lie outside this repository, change',
        'nothing and say what you found.',
      ].join('\n'),
  },
};
