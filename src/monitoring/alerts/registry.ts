import type { AlertDeclaration } from '../alert-declaration.ts';
import { agentBudgetExceeded } from './agent-budget-exceeded.ts';
import { agentBudgetNear } from './agent-budget-near.ts';
import { agentCostPerSuccessRising } from './agent-cost-per-success-rising.ts';
import { agentCostSpike } from './agent-cost-spike.ts';
import { agentPipelineStalled } from './agent-pipeline-stalled.ts';
import { agentRepeatedFailures } from './agent-repeated-failures.ts';
import { agentTaskTimeouts } from './agent-task-timeouts.ts';
import { agentTokenSpike } from './agent-token-spike.ts';
import { agentUsageUnpriced } from './agent-usage-unpriced.ts';

/** Every alert that Andon declares. One that is not here is stored when it comes, and never becomes a task. */
export const alertDeclarations: readonly AlertDeclaration[] = [
  agentPipelineStalled,
  agentRepeatedFailures,
  agentTaskTimeouts,
  agentBudgetExceeded,
  agentBudgetNear,
  agentCostSpike,
  agentTokenSpike,
  agentCostPerSuccessRising,
  agentUsageUnpriced,
];

export function findAlertDeclaration(name: string): AlertDeclaration | undefined {
  return alertDeclarations.find((declaration) => declaration.name === name);
}
