import type { AlertDeclaration } from '../alert-declaration.ts';
import { baselines } from '../recording/baselines.ts';
import { spikeExpr, usualAmount } from '../spike.ts';

const amount = '{{ printf "%.2f" $value }}';

export const agentCostSpike: AlertDeclaration = {
  name: 'AgentCostSpike',
  severity: 'warning',
  category: 'usage',
  expr: ({ cost_spike }) => spikeExpr(baselines.cost, cost_spike),
  condition: ({ cost_spike: { times, rise, amount, active_days } }) =>
    `A project has paid more than $${amount} in an hour, more than ${times} times what the largest hour of a usual day ` +
    `costs, and more than $${rise} more. Usual is the median of the last 7 days with work; there were at least ` +
    `${active_days}. What a subscription would have cost is not counted.`,
  for: () => '0s',
  keepFiringFor: ({ cost_spike }) => cost_spike.keep_firing_for,
  summary: 'A project spends far more money in an hour than it usually does.',
  description: () =>
    `Project {{ $labels.project }} has spent $${amount} in the last hour; ` +
    `the largest hour of a usual day costs $${usualAmount(baselines.cost, 'printf "%.2f"')}.`,
  subject: ['project'],
  // A budget that is spent says the same, and more.
  inhibitedBy: [{ alert: 'AgentBudgetExceeded', equal: ['project'] }],
  dashboard: 'usage',
};
