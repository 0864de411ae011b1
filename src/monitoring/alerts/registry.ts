import type { AlertDeclaration } from '../alert-declaration.ts';
import { agentBudgetExceeded } from './agent-budget-exceeded.ts';
import { agentBudgetNear } from './agent-budget-near.ts';
import { agentCostPerSuccessRising } from './agent-cost-per-success-rising.ts';
import { agentCostSpike } from './agent-cost-spike.ts';
import { agentDecisionWaiting } from './agent-decision-waiting.ts';
import { agentExecutorClosed } from './agent-executor-closed.ts';
import { agentLowSuccessRate } from './agent-low-success-rate.ts';
import { agentModelFailures } from './agent-model-failures.ts';
import { agentPipelineStalled } from './agent-pipeline-stalled.ts';
import { agentProviderOverloaded } from './agent-provider-overloaded.ts';
import { agentQueueGrowing } from './agent-queue-growing.ts';
import { agentRateLimited } from './agent-rate-limited.ts';
import { agentRepeatedFailures } from './agent-repeated-failures.ts';
import { agentRunnerAbsent } from './agent-runner-absent.ts';
import { agentRunnerDown } from './agent-runner-down.ts';
import { agentTaskStuck } from './agent-task-stuck.ts';
import { agentTaskTimeouts } from './agent-task-timeouts.ts';
import { agentTokenSpike } from './agent-token-spike.ts';
import { agentUsageUnpriced } from './agent-usage-unpriced.ts';
import { andonAlertmanagerUnreachable } from './andon-alertmanager-unreachable.ts';
import { andonLabelOverflow } from './andon-label-overflow.ts';
import { andonNotificationsFailing } from './andon-notifications-failing.ts';
import { andonRulesFailing } from './andon-rules-failing.ts';
import { andonServiceAbsent } from './andon-service-absent.ts';
import { andonSpoolGrowing } from './andon-spool-growing.ts';
import { andonStoreFailing } from './andon-store-failing.ts';
import { andonWebhookFailing } from './andon-webhook-failing.ts';
import { watchdog } from './watchdog.ts';

/**
 * Every alert that Andon declares. One that is not here is stored when it comes, and never becomes a task. The order is
 * that of evaluation: what asks whether another one fires comes behind it.
 */
export const alertDeclarations: readonly AlertDeclaration[] = [
  // The work.
  agentPipelineStalled,
  agentTaskStuck,
  agentModelFailures,
  agentRepeatedFailures,
  agentTaskTimeouts,
  agentLowSuccessRate,
  agentQueueGrowing,
  agentDecisionWaiting,
  agentRunnerDown,
  agentRunnerAbsent,
  // Set-ups and providers.
  agentExecutorClosed,
  agentRateLimited,
  agentProviderOverloaded,
  // Money and tokens.
  agentBudgetExceeded,
  agentBudgetNear,
  agentCostSpike,
  agentTokenSpike,
  agentCostPerSuccessRising,
  agentUsageUnpriced,
  // Andon itself.
  andonServiceAbsent,
  andonStoreFailing,
  andonWebhookFailing,
  andonSpoolGrowing,
  andonLabelOverflow,
  andonAlertmanagerUnreachable,
  andonNotificationsFailing,
  andonRulesFailing,
  watchdog,
];

export function findAlertDeclaration(name: string): AlertDeclaration | undefined {
  return alertDeclarations.find((declaration) => declaration.name === name);
}
