import { storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds } from '../objectives.ts';

const subject = ['project', 'task_type', 'executor'] as const;

export const agentTaskStuck: AlertDeclaration = {
  name: 'AgentTaskStuck',
  severity: 'warning',
  category: 'pipeline',
  // Only an executor that streams says how long it has been silent: of the others every heartbeat counts as progress.
  expr: ({ task_stuck: { silence } }) =>
    `time() - min by (${subject.join(', ')}) (${storeGauges.oldest_progress.name}) > ${durationSeconds(silence)}`,
  condition: ({ task_stuck: { silence } }) =>
    `A running task has given no output for ${silence}, and its runner, which is alive, has not ended it. Executors ` +
    'whose output does not stream are never stuck.',
  for: (objectives) => objectives.task_stuck.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'An agent task runs without making progress.',
  description: () =>
    'A running task of project {{ $labels.project }} ({{ $labels.task_type }}, {{ $labels.executor }}) has given no ' +
    'output for {{ $value | humanizeDuration }}, and nothing has ended it. It keeps a worker.',
  subject,
  inhibitedBy: [
    { alert: 'AgentRunnerAbsent' },
    { alert: 'AgentRunnerDown' },
    { alert: 'AndonServiceAbsent' },
    { alert: 'AndonStoreFailing' },
  ],
  dashboard: 'pipeline',
};
