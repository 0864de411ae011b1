import { ledgerMetrics } from '../telemetry/names.ts';
import { firing } from './fired-alerts.ts';
import type { Objectives } from './objectives.ts';
import { decimal, enclose } from './promql.ts';
import { storeIncreaseBy } from './store-increase.ts';

const { attempts_failed, tasks_finished } = ledgerMetrics;

/** What failures of a project and task type are about: the labels of the alerts of them. */
export const failureSubject = ['project', 'task_type'] as const;

type Limits = Pick<Objectives['repeated_failures'], 'window' | 'short_window' | 'count' | 'per_completed'>;

/**
 * The projects and task types whose failed attempts (those that match) are too many in either window: at least
 * `count`, and `per_completed` more for each completed one. A fixed number would fire always where hundreds are done a
 * day, and a share never soon; this sum falls while things go as they should and rises when they stop to.
 */
export function tooManyFailures(
  { window, short_window, count, per_completed }: Limits,
  matchers: string,
): string {
  const excess = (within: string) =>
    `sum by (project, task_type) ${enclose(
      [
        storeIncreaseBy([...failureSubject, 'error_class'], attempts_failed, within, matchers),
        'or',
        `-${decimal(per_completed)} *`,
        storeIncreaseBy([...failureSubject, 'status'], tasks_finished, within, 'status="completed"'),
      ].join('\n'),
    )} >= ${count}`;
  return [excess(short_window), 'or', excess(window)].join('\n');
}

/**
 * The failed attempts (those that match) without those of executors of which a model fails everywhere:
 * `AgentModelFailures` tells of them.
 */
export function failuresOfWork(window: string, matchers: string): string {
  return [
    storeIncreaseBy([...failureSubject, 'executor'], attempts_failed, window, matchers),
    'unless on (executor)',
    firing('AgentModelFailures'),
  ].join('\n');
}
