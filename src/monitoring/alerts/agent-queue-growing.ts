import { ledgerMetrics, storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds, type Objectives } from '../objectives.ts';
import { decimal } from '../promql.ts';
import { storeIncreaseBy } from '../store-increase.ts';

/** How often the queue is looked at within the window. */
const looks = 6;

function queue(offset = ''): string {
  const tasks = `${storeGauges.tasks.name}{status="pending"}${offset}`;
  return `sum by (project) (max by (job, project, task_type) (${tasks}))`;
}

/** The hours that the queue takes at the pace of this last time; nothing where none has ended in it. */
function hoursLeft(seconds: number): string {
  const ended = storeIncreaseBy(['project'], ledgerMetrics.tasks_finished, `${seconds}s`);
  return `${queue()} / (${decimal(3600 / seconds)} * ${ended} > 0)`;
}

/**
 * The hours that the queue takes, at the pace of the window and at that of the last look, which is the better one after
 * idle hours. It must have grown in most of the looks: one large batch makes it longer once, and is worked off from then
 * on. Tasks that wait for a budget are no queue.
 */
function expr({ queue_growing: { hours, window, grown } }: Objectives): string {
  const seconds = durationSeconds(window);
  const step = Math.ceil(seconds / looks);
  const throttled = `max_over_time(${storeGauges.throttled.name}[${window}])`;
  return [
    `(${hoursLeft(seconds)} > ${hours})`,
    'unless on (project)',
    `(${hoursLeft(step)} <= ${hours})`,
    'and on (project)',
    `(count_over_time((${queue()} > ${queue(` offset ${step}s`)})[${window}:${step}s]) >= ${grown})`,
    'unless on (project)',
    `(max by (project) (${throttled}) > 0)`,
    'unless on ()',
    `(max (max_over_time(${storeGauges.throttled.name}{project=""}[${window}])) > 0)`,
  ].join('\n');
}

export const agentQueueGrowing: AlertDeclaration = {
  name: 'AgentQueueGrowing',
  severity: 'warning',
  category: 'pipeline',
  expr,
  slow: true,
  condition: ({ queue_growing: { hours, window, grown } }) =>
    `The waiting tasks of one project take longer than ${hours} hours at the present pace, and ${grown} of ${looks} looks ` +
    `within ${window} found more of them than the look before.`,
  for: (objectives) => objectives.queue_growing.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Agent tasks are queued faster than they are done.',
  description: ({ queue_growing: { window } }) =>
    'At the present pace the tasks of project {{ $labels.project }} that wait take ' +
    `{{ printf "%.0f" $value }} hours, and they have become more for most of the last ${window}.`,
  subject: ['project'],
  inhibitedBy: [
    { alert: 'AgentPipelineStalled', equal: ['project'] },
    { alert: 'AgentRepeatedFailures', equal: ['project'] },
    { alert: 'AgentTaskTimeouts', equal: ['project'] },
    { alert: 'AgentRunnerAbsent' },
    { alert: 'AgentRunnerDown' },
    { alert: 'AgentTaskStuck' },
    { alert: 'AgentModelFailures' },
    { alert: 'AgentExecutorClosed' },
    { alert: 'AgentRateLimited' },
    { alert: 'AgentProviderOverloaded' },
  ],
  dashboard: 'pipeline',
};
