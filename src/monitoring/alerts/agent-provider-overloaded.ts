import type { AlertDeclaration } from '../alert-declaration.ts';
import { executorSubject, executorTrouble, troubleCondition } from '../executor-trouble.ts';

export const agentProviderOverloaded: AlertDeclaration = {
  name: 'AgentProviderOverloaded',
  severity: 'warning',
  category: 'provider',
  expr: ({ provider_overloaded }) => executorTrouble(['overloaded'], provider_overloaded),
  slow: true,
  condition: ({ provider_overloaded }) =>
    troubleCondition('paused since its provider is overloaded', provider_overloaded),
  for: (objectives) => objectives.provider_overloaded.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'A provider is overloaded and does no work.',
  description: () =>
    'The provider of executor {{ $labels.executor }} answers that it is overloaded. Andon tries it again with longer and ' +
    'longer pauses. Its tasks are kept, and no attempt is spent.',
  subject: executorSubject,
  inhibitedBy: [
    { alert: 'AgentExecutorClosed', equal: ['executor'] },
    { alert: 'AgentRateLimited', equal: ['executor'] },
  ],
  dashboard: 'pipeline',
};
