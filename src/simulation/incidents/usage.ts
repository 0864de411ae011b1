import type { IncidentKind } from '../incident.ts';
import { spreeTasks } from '../pipeline/sprees.ts';

/** In times of what the docs call a spike. */
const spikes = [1.4, 4] as const;

/** Their tasks may wait behind others, or be tried again later. */
const allWithinAnHour = { hits: spreeTasks, within: 55 };

/** What can go wrong with money and tokens. */
export const usageIncidents: readonly IncidentKind[] = [
  {
    name: 'tasks that cost far more than they should',
    a_month: 3,
    hours: [9.5, 15],
    minutes: [75, 120],
    after_days: 6,
    make: (random) => {
      const project = random.pick(['shop', 'till', 'etl']);
      return {
        fault: { kind: 'spree', project, size: random.between(...spikes) },
        expected: { alert: 'AgentCostSpike', labels: { project } },
        follows: ['AgentTokenSpike', 'AgentBudgetNear', 'AgentBudgetExceeded'],
        at_least: allWithinAnHour,
        lingers: ['AgentCostPerSuccessRising'],
        touches: [project, 'budget'],
        tail: 1440,
      };
    },
  },
  {
    name: 'a subscription’s tokens that go in a loop',
    a_month: 2,
    hours: [9.5, 14],
    minutes: [75, 120],
    after_days: 6,
    make: (random) => ({
      fault: { kind: 'spree', project: 'docs', size: random.between(...spikes) },
      expected: { alert: 'AgentTokenSpike', labels: { project: 'docs' } },
      at_least: allWithinAnHour,
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
    // What was spent is spent for a day, and that it was too much has been told.
    quiet_days: 1,
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
        follows: ['AgentBudgetNear', 'AgentBudgetExceeded', 'AgentCostSpike', 'AgentTokenSpike'],
        lingers: ['AgentCostPerSuccessRising'],
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
