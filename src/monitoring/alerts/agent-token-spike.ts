import type { AlertDeclaration } from '../alert-declaration.ts';
import { firing } from '../fired-alerts.ts';
import { baselines } from '../recording/baselines.ts';
import { spikeExpr, usualAmount } from '../spike.ts';

export const agentTokenSpike: AlertDeclaration = {
  name: 'AgentTokenSpike',
  severity: 'warning',
  category: 'usage',
  // Where money is paid for the tokens, the money says it, and the hour may be over for the one before the other.
  expr: ({ token_spike, cost_spike }) =>
    [
      spikeExpr(baselines.tokens, token_spike),
      'unless on (project)',
      firing('AgentCostSpike', cost_spike.keep_firing_for),
    ].join('\n'),
  condition: ({ token_spike: { times, rise, amount, active_days } }) =>
    `A project has used more than ${amount / 1e6} million tokens in an hour, more than ${times} times what the largest ` +
    `hour of a usual day takes, and more than ${rise / 1e6} million more. Usual is the median of the last 7 days with ` +
    `work; there were at least ${active_days}. Tokens read from a cache are not counted, nor is it told what \`AgentCostSpike\` has.`,
  for: () => '0s',
  keepFiringFor: ({ token_spike }) => token_spike.keep_firing_for,
  summary: 'A project uses far more tokens in an hour than it usually does.',
  description: () =>
    'Project {{ $labels.project }} has used {{ $value | humanize }} tokens in the last hour; ' +
    `the largest hour of a usual day takes ${usualAmount(baselines.tokens, 'humanize')}.`,
  subject: ['project'],
  inhibitedBy: [
    { alert: 'AgentCostSpike', equal: ['project'] },
    { alert: 'AgentBudgetExceeded', equal: ['project'] },
  ],
  dashboard: 'usage',
};
