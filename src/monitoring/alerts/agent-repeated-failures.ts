import { errorClasses, excludedFault } from '../../domain/outcome.ts';
import { ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { firing } from '../fired-alerts.ts';
import type { Objectives } from '../objectives.ts';
import { enclose } from '../promql.ts';
import { failureSubject, failuresOfWork, tooManyFailures } from '../repeated-failures.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const name = 'AgentRepeatedFailures';

/**
 * Classes that no change to the work can mend; `timeout`, which has an alert of its own; and `lost`, which says
 * something of the runner. Those that are left out are named, not those that count: an attempt that failed without a
 * class (`unknown`) counts.
 */
const elsewhere = errorClasses.filter(
  (error) => error === 'timeout' || error === 'lost' || excludedFault(error),
);
const matchers = `error_class!~"${elsewhere.join('|')}"`;

/** The final failures of the other models, where a model of their executor fails everywhere. */
function failuresOfOtherModels(window: string): string {
  return [
    `sum by (project, task_type, executor) ${enclose(
      [
        storeIncreaseBy(
          [...failureSubject, 'executor', 'model'],
          ledgerMetrics.tasks_finished,
          window,
          'status="failed"',
        ),
        'unless on (executor, model)',
        firing('AgentModelFailures'),
      ].join('\n'),
    )}`,
    'and on (executor)',
    firing('AgentModelFailures'),
  ].join('\n');
}

/**
 * The task type of a project that its alert is about already; any, if there is none. A broken branch fails every type,
 * and is one cause.
 */
function leadingType(window: string): string {
  const types = 'group by (project, task_type)';
  return [
    `${types} (last_over_time(${ledgerMetrics.attempts_failed.name}[${window}]))`,
    'unless on (project)',
    firing(name),
    'or',
    `${types} (${firing(name)})`,
  ].join('\n');
}

function expr({ repeated_failures: limits }: Objectives): string {
  const { window, short_window, count } = limits;
  const counted = [failuresOfWork(window, matchers), 'or', failuresOfOtherModels(window)].join('\n');
  const one = [
    `sum by (project, task_type) ${enclose(counted)}`,
    'and on (project, task_type)',
    enclose(tooManyFailures(limits, matchers)),
    'and on (project, task_type)',
    enclose(leadingType(short_window)),
  ].join('\n');
  return `topk by (project) (1,\n${one.replaceAll(/^/gm, '  ')}\n) >= ${count}`;
}

export const agentRepeatedFailures: AlertDeclaration = {
  name,
  severity: 'warning',
  category: 'pipeline',
  expr,
  slow: true,
  condition: ({ repeated_failures: { window, short_window, count, per_completed } }) =>
    `Attempts of one project and task type have failed for reasons of the work: at least ${count}, and ${per_completed} ` +
    `more for each completed one, within ${window} or ${short_window}. One task type of a project at a time; not for ` +
    'failures that `AgentModelFailures` tells of.',
  for: (objectives) => objectives.repeated_failures.for,
  keepFiringFor: (objectives) => objectives.repeated_failures.keep_firing_for,
  summary: 'Agent tasks of one type fail again and again.',
  description: ({ repeated_failures: { window } }) =>
    `{{ $value }} attempts at {{ $labels.task_type }} tasks of project {{ $labels.project }} ` +
    `failed within ${window}. Failures of the provider or the set-up, and timeouts, are not among them.`,
  subject: failureSubject,
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
