import type { AlertDeclaration } from '../alert-declaration.ts';
import { executorSubject, executorTrouble, troubleCondition } from '../executor-trouble.ts';

export const agentRateLimited: AlertDeclaration = {
  name: 'AgentRateLimited',
  severity: 'warning',
  category: 'provider',
  expr: ({ rate_limited }) => executorTrouble(['rate_limited'], rate_limited),
  slow: true,
  condition: ({ rate_limited }) => troubleCondition('paused by a provider’s limit', rate_limited),
  for: (objectives) => objectives.rate_limited.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'A provider’s limit keeps an executor from working.',
  description: () =>
    'Executor {{ $labels.executor }} has met its provider’s limit and waits until it ends. Its tasks are kept, and no ' +
    'attempt is spent.',
  subject: executorSubject,
  inhibitedBy: [{ alert: 'AgentExecutorClosed', equal: ['executor'] }],
  dashboard: 'pipeline',
};
