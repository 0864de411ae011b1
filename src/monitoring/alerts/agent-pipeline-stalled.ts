import { ledgerMetrics, runnerCounters, storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds, type Objectives } from '../objectives.ts';
import { enclose, indent } from '../promql.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const pending = storeGauges.oldest_pending.name;
const progress = storeGauges.oldest_progress.name;
const subject = ['project', 'task_type', 'executor'] as const;
const by = `by (${subject.join(', ')})`;
const on = `on (${subject.join(', ')})`;
const waiting = `time() - min ${by} (${pending})`;

/** In how many looks at the window tasks must have waited: not all, since a restart hides some. */
const looks = 30;
const enoughLooks = 24;

/**
 * Tasks that could run have waited for the whole window, none has ended in it, and none is being worked on, though
 * their executor is not held and the workers are not busy with others. The age alone would be wrong: a task that has
 * waited for another one is old when it can run at last. Of one executor only those that have waited longest are told
 * of: what keeps it from them keeps it from the others.
 */
function expr(objectives: Objectives): string {
  const { window, starved } = objectives.pipeline_stalled;
  const seconds = durationSeconds(window);
  const step = Math.ceil(Math.max(durationSeconds(objectives.scrape_interval), seconds / looks));
  const enough = Math.floor((seconds / step) * (enoughLooks / looks));
  const stalled = [
    `(${waiting} > ${seconds})`,
    `and ${on}`,
    `(count_over_time((min ${by} (${pending}))[${window}:${step}s]) >= ${enough})`,
    `unless ${on}`,
    `(${storeIncreaseBy(subject, ledgerMetrics.tasks_finished, window)} > 0)`,
    `unless ${on}`,
    `(time() - min ${by} (${progress}) < ${seconds})`,
    'unless on (executor)',
    `(max by (executor) (${storeGauges.executor_held.name}) > 0)`,
    `unless ${on}`,
    enclose(waitTheirTurn(window, starved)),
  ].join('\n');
  return `topk by (executor) (1,\n${indent(stalled)}\n)`;
}

/**
 * Those whose workers are busy, and which have not waited for too long; or have, though no longer than twice the tasks
 * that do get their turn: that is a long queue, of which `AgentQueueGrowing` tells.
 */
function waitTheirTurn(window: string, starved: string): string {
  const worked = [
    `${storeIncreaseBy(subject, ledgerMetrics.tasks_finished, window)} > 0`,
    'or',
    `time() - min ${by} (${progress}) < ${durationSeconds(window)}`,
  ].join('\n');
  const longest = `max (${waiting} and ${on} ${enclose(worked)})`;
  return [
    enclose(
      [
        `${waiting} <= ${durationSeconds(starved)}`,
        'or',
        `${waiting} <= on () group_left () (2 * ${longest})`,
      ].join('\n'),
    ),
    `and on (executor) ${enclose(busy(window))}`,
  ].join('\n');
}

/**
 * The executors whose tasks wait their turn: others of theirs are worked on, or those of another executor while no
 * runner has had a worker to spare. A runner asks for tasks only while it has one.
 */
function busy(window: string): string {
  const seconds = durationSeconds(window);
  const active = [
    `${storeIncreaseBy(['executor'], ledgerMetrics.tasks_finished, window)} > 0`,
    'or',
    `time() - max by (executor) (${progress}) < ${seconds}`,
  ].join('\n');
  const spare = `sum (increase(${runnerCounters.claims.name}{result!="tasks",result!="failed"}[${window}]))`;
  return [
    active,
    'or',
    `group by (executor) (${pending})`,
    `and on () ${enclose(active)}`,
    `unless on () (${spare} > 0)`,
  ].join('\n');
}

export const agentPipelineStalled: AlertDeclaration = {
  name: 'AgentPipelineStalled',
  severity: 'critical',
  category: 'pipeline',
  expr,
  condition: ({ pipeline_stalled: { window, starved } }) =>
    `Tasks of one project, type and executor that could run have waited for ${window}; in that time none has ended and ` +
    `none has made progress, and no others kept the workers busy, or they have waited for ${starved} and more than twice ` +
    'as long as those that are worked on. Not while their executor is paused or closed; of one executor, those that have ' +
    'waited longest.',
  for: (objectives) => objectives.pipeline_stalled.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Agent tasks wait and nothing is done about them.',
  description: ({ pipeline_stalled: { window } }) =>
    `{{ $labels.task_type }} tasks of project {{ $labels.project }} for {{ $labels.executor }} have waited for ` +
    `{{ $value | humanizeDuration }}; within ${window} none has ended and none is making progress.`,
  subject,
  inhibitedBy: [
    { alert: 'AgentRunnerAbsent' },
    { alert: 'AndonServiceAbsent' },
    { alert: 'AndonStoreFailing' },
    // What is stuck keeps the workers.
    { alert: 'AgentTaskStuck', equal: ['executor'] },
    { alert: 'AgentExecutorClosed', equal: ['executor'] },
    { alert: 'AgentRateLimited', equal: ['executor'] },
    { alert: 'AgentProviderOverloaded', equal: ['executor'] },
  ],
  dashboard: 'pipeline',
};
