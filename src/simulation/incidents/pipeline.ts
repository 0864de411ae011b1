import type { IncidentKind } from '../incident.ts';

/** Two that are about all of these are not at the same time. */
const everything = ['shop', 'till', 'docs', 'etl'];

/** What comes of a standstill of all work, where no cause inhibits it. */
const standstill = ['AgentPipelineStalled', 'AgentQueueGrowing'];

/** What can go wrong with the work, the runners and the executors. */
export const pipelineIncidents: readonly IncidentKind[] = [
  {
    name: 'an executor that no runner has',
    a_month: 2,
    hours: [9.5, 13],
    minutes: [150, 300],
    make: () => ({
      fault: { kind: 'unclaimed', where: { executor: 'gemini' } },
      expected: { alert: 'AgentPipelineStalled', labels: { executor: 'gemini' } },
      follows: ['AgentQueueGrowing'],
      at_least: { minutes: 45 },
      touches: ['docs', 'gemini'],
    }),
  },
  {
    name: 'a task that hangs and is not ended',
    a_month: 2,
    hours: [9.5, 14],
    minutes: [120, 300],
    make: (random) => {
      const project = random.pick(['shop', 'till']);
      return {
        fault: { kind: 'stuck', where: { project, task_type: 'impl' } },
        expected: { alert: 'AgentTaskStuck', labels: { project, task_type: 'impl' } },
        at_least: { minutes: 45 },
        touches: [project],
      };
    },
  },
  {
    name: 'attempts that run into their time limit',
    a_month: 2,
    hours: [9, 12],
    minutes: [240, 420],
    make: (random) => {
      const [project, task_type] = random.pick([
        ['shop', 'impl'],
        ['shop', 'test'],
        ['till', 'impl'],
      ] as const);
      return {
        fault: { kind: 'hang', where: { project, task_type } },
        expected: { alert: 'AgentTaskTimeouts', labels: { project, task_type } },
        follows: ['AgentQueueGrowing', 'AgentLowSuccessRate'],
        at_least: { hits: 5 },
        touches: [project],
        tail: 120,
      };
    },
  },
  {
    name: 'a broken branch',
    a_month: 2,
    hours: [9, 13],
    minutes: [180, 420],
    make: (random) => {
      const project = random.pick(['shop', 'till']);
      return {
        fault: { kind: 'fail', where: { project }, share: 1, error_class: 'verify_failed' },
        expected: { alert: 'AgentRepeatedFailures', labels: { project } },
        follows: ['AgentLowSuccessRate'],
        lingers: ['AgentCostPerSuccessRising'],
        at_least: { hits: 8 },
        touches: [project],
        tail: 360,
      };
    },
  },
  {
    name: 'a model that fails at everything',
    a_month: 2,
    hours: [9, 12],
    minutes: [240, 420],
    make: () => ({
      fault: {
        kind: 'fail',
        where: { executor: 'claude-code', model: 'claude-sonnet' },
        share: 1,
        error_class: 'malformed_output',
      },
      expected: { alert: 'AgentModelFailures', labels: { executor: 'claude-code', model: 'claude-sonnet' } },
      follows: ['AgentRepeatedFailures', 'AgentLowSuccessRate'],
      lingers: ['AgentCostPerSuccessRising'],
      at_least: { hits: 8 },
      touches: ['shop', 'till', 'claude-code'],
      tail: 360,
    }),
  },
  {
    name: 'tasks that fail more often than not',
    a_month: 1,
    hours: [8, 9],
    minutes: [1900, 2600],
    make: () => ({
      fault: {
        kind: 'fail',
        where: { project: 'shop', task_type: 'impl' },
        share: 0.72,
        error_class: 'verify_failed',
      },
      expected: { alert: 'AgentLowSuccessRate', labels: { project: 'shop', task_type: 'impl' } },
      instead: ['AgentRepeatedFailures'],
      follows: ['AgentRepeatedFailures'],
      lingers: ['AgentCostPerSuccessRising'],
      touches: ['shop'],
      tail: 1440,
    }),
  },
  {
    name: 'more tasks than can be done',
    a_month: 1,
    hours: [8.5, 9.5],
    minutes: [480, 560],
    make: () => ({
      fault: { kind: 'arrivals', where: { project: 'shop' }, times: 9 },
      expected: { alert: 'AgentQueueGrowing', labels: { project: 'shop' } },
      follows: ['AgentCostSpike', 'AgentTokenSpike', 'AgentBudgetNear', 'AgentBudgetExceeded', ...standstill],
      touches: ['all', 'budget'],
      tail: 1440,
    }),
  },
  {
    name: 'one of two runners dies',
    a_month: 2,
    hours: [9, 16],
    minutes: [60, 240],
    make: (random) => {
      const runner = random.pick(['r1', 'r2']);
      return {
        fault: { kind: 'runners_gone', runners: [runner] },
        expected: { alert: 'AgentRunnerDown', labels: { runner } },
        touches: ['all'],
      };
    },
  },
  {
    name: 'all runners die',
    a_month: 2,
    hours: [9, 15],
    minutes: [60, 180],
    make: () => ({
      fault: { kind: 'runners_gone', runners: ['r1', 'r2'] },
      expected: { alert: 'AgentRunnerAbsent' },
      follows: ['AgentRunnerDown', ...standstill],
      touches: ['all'],
    }),
  },
  {
    name: 'a login that has expired',
    a_month: 2,
    hours: [9, 14],
    minutes: [90, 300],
    make: (random) => {
      const executor = random.pick(['claude-code', 'codex']);
      return {
        fault: { kind: 'auth', executor },
        expected: { alert: 'AgentExecutorClosed', labels: { executor } },
        follows: [...standstill, 'AgentUsageUnpriced'],
        at_least: { minutes: 30 },
        touches: [executor, ...everything],
      };
    },
  },
  {
    name: 'a quota that is spent',
    a_month: 2,
    hours: [9, 14],
    minutes: [90, 300],
    make: (random) => {
      const executor = random.pick(['claude-code', 'codex', 'gemini']);
      return {
        fault: { kind: 'limit', executor },
        expected: { alert: 'AgentRateLimited', labels: { executor } },
        follows: [...standstill, 'AgentUsageUnpriced'],
        at_least: { minutes: 30 },
        touches: [executor, ...everything],
      };
    },
  },
  {
    name: 'a provider that is overloaded',
    a_month: 2,
    hours: [9, 14],
    minutes: [90, 240],
    make: (random) => {
      const executor = random.pick(['claude-code', 'codex']);
      return {
        fault: { kind: 'overload', executor },
        expected: { alert: 'AgentProviderOverloaded', labels: { executor } },
        follows: [...standstill, 'AgentUsageUnpriced'],
        at_least: { minutes: 30 },
        touches: [executor, ...everything],
      };
    },
  },
];
