import type { AlertDeclaration } from '../alert-declaration.ts';
import { baselines } from '../recording/baselines.ts';
import { spikeExpr, usualAmount } from '../spike.ts';

const amount = '{{ printf "%.2f" $value }}';

export const agentCostSpike: AlertDeclaration = {
  name: 'AgentCostSpike',
  severity: 'warning',
  category: 'usage',
  expr: ({ cost_spike }) => spikeExpr(baselines.cost, cost_spike),
  condition: ({ cost_spike: { deviations, times, amount, active_hours } }) =>
    `A project has paid more than $${amount} in an hour, more than ${times} times what its hours with work cost on ` +
    `average in the 7 days up to yesterday, and more than ${deviations} standard deviations above it; there were at ` +
    `least ${active_hours} such hours. What a subscription would have cost is not counted.`,
  for: () => '0s',
  keepFiringFor: ({ cost_spike }) => cost_spike.keep_firing_for,
  summary: 'A project spends far more money in an hour than it usually does.',
  description: () =>
    `Project {{ $labels.project }} has spent $${amount} in the last hour; ` +
    `an hour with work usually costs $${usualAmount(baselines.cost, 'printf "%.2f"')}.`,
  subject: ['project'],
  // A budget that is spent says the same, and more.
  inhibitedBy: [{ alert: 'AgentBudgetExceeded', equal: ['project'] }],
  dashboard: 'usage',
};
