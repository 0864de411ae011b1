import type { AlertDeclaration } from '../alert-declaration.ts';
import { budgetDescription, budgetShare, largestBudgetShare } from '../budget-share.ts';

export const agentBudgetNear: AlertDeclaration = {
  name: 'AgentBudgetNear',
  severity: 'warning',
  category: 'usage',
  // Not on the way down: that a budget was spent has been told.
  expr: ({ budget: { near } }) =>
    [`${budgetShare} >= ${near}`, 'unless', `${largestBudgetShare} >= 1`].join('\n'),
  condition: ({ budget: { near } }) =>
    `At least ${Math.round(near * 100)} % of a budget was spent in the last 24 hours: a project’s, or that of all together; and not all of it was.`,
  for: () => '0s',
  keepFiringFor: ({ budget }) => budget.keep_firing_for,
  summary: 'A budget is nearly spent.',
  description: () => budgetDescription,
  subject: ['project'],
  inhibitedBy: [{ alert: 'AgentBudgetExceeded', equal: ['project'] }],
  dashboard: 'usage',
};
