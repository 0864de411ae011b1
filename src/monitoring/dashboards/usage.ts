import type { DashboardDeclaration } from './dashboard-declaration.ts';
import { budget } from './usage/budget.ts';
import { spending } from './usage/spending.ts';
import { tokens } from './usage/tokens.ts';
import { worth } from './usage/worth.ts';

export const usage: DashboardDeclaration = {
  name: 'usage',
  title: 'Usage and cost',
  answers: 'What is spent, on what, what does it buy, and how near is the budget?',
  from: 'now-24h',
  sections: [budget, spending, worth, tokens],
  marks: { name: 'Spikes', alerts: ['AgentCostSpike', 'AgentTokenSpike'] },
};
