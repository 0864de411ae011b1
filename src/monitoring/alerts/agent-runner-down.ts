import { storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds } from '../objectives.ts';

const heartbeat = storeGauges.runner_heartbeat.name;

export const agentRunnerDown: AlertDeclaration = {
  name: 'AgentRunnerDown',
  severity: 'warning',
  category: 'pipeline',
  // Where tasks wait and no other runner is left, AgentRunnerAbsent says more.
  expr: ({ runners: { silence } }) =>
    [
      `time() - max by (runner) (${heartbeat}) > ${durationSeconds(silence)}`,
      'unless on ()',
      `(group (${storeGauges.oldest_pending.name}) and on () (time() - max (${heartbeat}) > ${durationSeconds(silence)}))`,
    ].join('\n'),
  condition: ({ runners: { silence } }) =>
    `A runner has not been heard of for ${silence} and has not said that it goes; another one is alive, or nothing waits.`,
  for: (objectives) => objectives.runners.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'A runner has fallen silent.',
  description: () =>
    'Runner {{ $labels.runner }} was last heard of {{ $value | humanizeDuration }} ago and has not said that it goes. ' +
    'Its tasks go back to the queue.',
  subject: ['runner'],
  inhibitedBy: [
    { alert: 'AgentRunnerAbsent' },
    { alert: 'AndonServiceAbsent' },
    { alert: 'AndonStoreFailing' },
  ],
  dashboard: 'pipeline',
};
