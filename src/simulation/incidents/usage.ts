import type { IncidentKind } from '../incident.ts';

/** What can go wrong with money and tokens. */
export const usageIncidents: readonly IncidentKind[] = [
  {
    name: 'an hour or two that cost ten times as much',
    a_month: 3,
    hours: [9.5, 15],
    minutes: [75, 150],
    after_days: 6,
    make: (random) => {
      const project = random.pick(['shop', 'till']);
      return {
        fault: { kind: 'dear', where: { project }, times: project === 'shop' ? 10 : 14 },
        expected: { alert: 'AgentCostSpike', labels: { project } },
        follows: ['AgentTokenSpike', 'AgentBudgetNear', 'AgentBudgetExceeded'],
        touches: [project, 'budget'],
        tail: 1440,
      };
    },
  },
  {
    name: 'a subscription’s tokens that go in a loop',
    a_month: 2,
    hours: [9.5, 14],
    minutes: [120, 240],
    after_days: 8,
    make: () => ({
      fault: { kind: 'dear', where: { project: 'docs' }, times: 20 },
      expected: { alert: 'AgentTokenSpike', labels: { project: 'docs' } },
      touches: ['docs'],
      tail: 90,
    }),
  },
  {
    name: 'work that becomes dearer, and stays so',
    a_month: 1,
    hours: [8, 9],
    minutes: [5 * 1440, 6 * 1440],
    after_days: 7,
    make: (random) => {
      const [project, task_type] = random.pick([
        ['till', 'impl'],
        ['shop', 'review'],
      ] as const);
      return {
        fault: { kind: 'dear', where: { project, task_type }, times: 2.6 },
        expected: { alert: 'AgentCostPerSuccessRising', labels: { project, task_type } },
        follows: ['AgentCostSpike', 'AgentTokenSpike', 'AgentBudgetNear', 'AgentBudgetExceeded'],
        touches: [`cost of ${project}`],
        tail: 3 * 1440,
      };
    },
  },
  {
    name: 'a budget that is nearly spent',
    a_month: 2,
    hours: [18, 20],
    minutes: [300, 600],
    after_days: 1,
    make: (random) => {
      const project = random.pick(['shop', 'till', '']);
      return {
        fault: { kind: 'budget_lowered', project, share: random.between(0.83, 0.95) },
        expected: { alert: 'AgentBudgetNear', labels: { project } },
        follows: ['AgentBudgetExceeded'],
        touches: ['budget'],
      };
    },
  },
  {
    name: 'a budget that is spent',
    a_month: 2,
    hours: [9, 10],
    minutes: [420, 540],
    after_days: 1,
    make: (random) => {
      const project = random.pick(['shop', 'till']);
      return {
        fault: { kind: 'dear', where: { project }, times: project === 'shop' ? 9 : 12 },
        expected: { alert: 'AgentBudgetExceeded', labels: { project } },
        follows: [
          'AgentBudgetNear',
          'AgentBudgetExceeded',
          'AgentCostSpike',
          'AgentTokenSpike',
          'AgentCostPerSuccessRising',
        ],
        touches: [project, 'budget', `cost of ${project}`],
        tail: 3 * 1440,
      };
    },
  },
  {
    name: 'a model whose price nobody knows',
    a_month: 1,
    hours: [9, 12],
    minutes: [1000, 2000],
    make: () => ({
      fault: { kind: 'unpriced', where: { executor: 'codex' } },
      expected: { alert: 'AgentUsageUnpriced', labels: { executor: 'codex' } },
      touches: ['price'],
      tail: 1440,
    }),
  },
];
