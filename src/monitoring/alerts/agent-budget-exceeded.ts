import type { AlertDeclaration } from '../alert-declaration.ts';
import { budgetDescription, budgetShare } from '../budget-share.ts';

export const agentBudgetExceeded: AlertDeclaration = {
  name: 'AgentBudgetExceeded',
  severity: 'critical',
  category: 'usage',
  expr: () => `${budgetShare} >= 1`,
  condition: () =>
    'All of a budget was spent in the last 24 hours: a project’s, or that of all together. With throttling on, no tasks but critical ones are handed out.',
  for: () => '0s',
  keepFiringFor: ({ budget }) => budget.keep_firing_for,
  summary: 'A budget is spent.',
  description: () => budgetDescription,
  subject: ['project'],
  dashboard: 'usage',
};
