import { errorClasses, faultOf } from '../../domain/outcome.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { executorSubject, executorTrouble, troubleCondition } from '../executor-trouble.ts';

const classes = errorClasses.filter((name) => faultOf[name] === 'set_up');

export const agentExecutorClosed: AlertDeclaration = {
  name: 'AgentExecutorClosed',
  severity: 'critical',
  category: 'provider',
  expr: ({ executor_closed }) => executorTrouble(classes, executor_closed),
  slow: true,
  condition: ({ executor_closed }) => troubleCondition('closed by a fault of the set-up', executor_closed),
  for: (objectives) => objectives.executor_closed.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'An executor cannot be used: its login or its program needs a person.',
  description: () =>
    'Executor {{ $labels.executor }} gets no tasks, or its attempts come to nothing: ' +
    '{{ if eq $labels.reason "auth" }}its login was refused.' +
    '{{ else if eq $labels.reason "spawn" }}its program could not be started.' +
    '{{ else }}it gave no sign of life ({{ $labels.reason }}).{{ end }} Its tasks are kept, and no attempt is spent.',
  subject: executorSubject,
  dashboard: 'pipeline',
};
