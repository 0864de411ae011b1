import { storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds } from '../objectives.ts';

export const agentRunnerAbsent: AlertDeclaration = {
  name: 'AgentRunnerAbsent',
  severity: 'critical',
  category: 'pipeline',
  expr: ({ runners: { silence, wait } }) =>
    [
      `time() - min (${storeGauges.oldest_pending.name}) > ${durationSeconds(wait)}`,
      'unless on ()',
      `(time() - max (${storeGauges.runner_heartbeat.name}) <= ${durationSeconds(silence)})`,
    ].join('\n'),
  condition: ({ runners: { silence, wait } }) =>
    `Tasks that could run have waited for ${wait}, and no runner has been heard of for ${silence}.`,
  for: (objectives) => objectives.runners.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Agent tasks wait and there is no runner.',
  description: ({ runners: { silence } }) =>
    `A task has waited for {{ $value | humanizeDuration }}, and no runner has been heard of for ${silence}.`,
  subject: [],
  inhibitedBy: [{ alert: 'AndonServiceAbsent' }, { alert: 'AndonStoreFailing' }],
  dashboard: 'pipeline',
};
