import { ledgerMetrics } from '../../telemetry/names.ts';
import { storeIncreaseBy } from '../store-increase.ts';
import { outcomeSeries } from './outcomes.ts';
import type { RecordingRule } from './recording-rule.ts';

/** What was spent, in money and in tokens: the names of the series. */
export const spendingSeries = {
  cost1h: 'project_task_type_model_billing:agent_task_cost_usd:increase1h',
  tokens1h: 'project_task_type_model_token_type:agent_task_tokens:increase1h',
  unpriced1h: 'project_task_type:agent_task_unpriced_attempts:increase1h',
  paid1h: 'project:agent_task_cost_usd:paid1h',
  paidByType1h: 'project_task_type:agent_task_cost_usd:paid1h',
  newTokens1h: 'project:agent_task_tokens:new1h',
  cost1d: 'project_task_type_model_billing:agent_task_cost_usd:increase1d',
  tokens1d: 'project_task_type_model_token_type:agent_task_tokens:increase1d',
  unpriced1d: 'project_task_type_model_executor:agent_task_unpriced_attempts:increase1d',
  paidPerCompleted1d: 'project_task_type:agent_task_cost_usd:paid_per_completed1d',
} as const;

const { cost1h, tokens1h, unpriced1h, paid1h, paidByType1h, newTokens1h } = spendingSeries;
const { cost1d, tokens1d, unpriced1d, paidPerCompleted1d } = spendingSeries;

/** What a subscription would have cost by the token is no money. */
const paid = 'billing!="subscription"';
const costLabels = ['project', 'task_type', 'model', 'billing'];
const tokenLabels = ['project', 'task_type', 'model', 'token_type'];

export const hourlySpendingRules: readonly RecordingRule[] = [
  {
    record: cost1h,
    expr: storeIncreaseBy(costLabels, ledgerMetrics.cost_usd, '1h'),
    help: 'US dollars of the last hour, as far as they are known; notional under billing="subscription".',
  },
  {
    record: paid1h,
    expr: `sum by (project) (${cost1h}{${paid}})`,
    help: 'US dollars that were paid in the last hour.',
  },
  {
    record: paidByType1h,
    expr: `sum by (project, task_type) (${cost1h}{${paid}})`,
    help: 'US dollars that were paid in the last hour, by task type.',
  },
  {
    record: tokens1h,
    expr: storeIncreaseBy(tokenLabels, ledgerMetrics.tokens, '1h'),
    help: 'Tokens of the last hour, by kind.',
  },
  {
    record: newTokens1h,
    expr: `sum by (project) (${tokens1h}{token_type!="cache_read"})`,
    help: 'Tokens of the last hour without those that were read from a cache, which are many and cheap.',
  },
  {
    record: unpriced1h,
    expr: storeIncreaseBy(['project', 'task_type'], ledgerMetrics.unpriced_attempts, '1h'),
    help: 'Attempts of the last hour whose cost is not known.',
  },
];

export const dailySpendingRules: readonly RecordingRule[] = [
  {
    record: cost1d,
    expr: storeIncreaseBy(costLabels, ledgerMetrics.cost_usd, '1d'),
    help: 'US dollars of the last 24 hours, as far as they are known; notional under billing="subscription".',
  },
  {
    record: tokens1d,
    expr: storeIncreaseBy(tokenLabels, ledgerMetrics.tokens, '1d'),
    help: 'Tokens of the last 24 hours, by kind.',
  },
  {
    record: unpriced1d,
    expr: storeIncreaseBy(
      ['project', 'task_type', 'model', 'executor'],
      ledgerMetrics.unpriced_attempts,
      '1d',
    ),
    help: 'Attempts of the last 24 hours whose cost is not known.',
  },
  {
    record: paidPerCompleted1d,
    expr: [
      `sum by (project, task_type) (${cost1d}{${paid}})`,
      '/',
      `(sum by (project, task_type) (${outcomeSeries.finished1d}{status="completed"}) > 0)`,
    ].join('\n'),
    help: 'US dollars paid for each task that was completed in the last 24 hours, failed attempts included.',
  },
];
