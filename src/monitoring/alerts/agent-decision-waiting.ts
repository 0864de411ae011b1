import { storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds } from '../objectives.ts';

export const agentDecisionWaiting: AlertDeclaration = {
  name: 'AgentDecisionWaiting',
  severity: 'warning',
  category: 'pipeline',
  expr: ({ decision_waiting: { age } }) =>
    `time() - min by (project) (${storeGauges.oldest_decision.name}) > ${durationSeconds(age)}`,
  condition: ({ decision_waiting: { age } }) =>
    `A task of the project asked a person to decide something ${age} ago, and waits.`,
  for: (objectives) => objectives.decision_waiting.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'An agent task waits for a person’s decision.',
  description: () =>
    'A task of project {{ $labels.project }} has waited for a decision for {{ $value | humanizeDuration }}. ' +
    'Nothing is done about it before somebody answers.',
  subject: ['project'],
  dashboard: 'pipeline',
};
