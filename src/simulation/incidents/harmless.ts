import type { IncidentKind } from '../incident.ts';

/** What only looks wrong, or shows only in what becomes of it: no alert has to tell of it. */
export const harmlessEvents: readonly IncidentKind[] = [
  {
    name: 'the service starts again',
    a_month: 6,
    hours: [8, 19],
    anyDay: true,
    minutes: [1, 3],
    make: () => ({ fault: { kind: 'service_down' }, touches: ['self'] }),
  },
  {
    name: 'Prometheus is away',
    a_month: 2,
    hours: [9, 17],
    minutes: [50, 70],
    make: () => ({ fault: { kind: 'prometheus_away' }, touches: ['all', 'self'] }),
  },
  {
    name: 'a second replica, with a label of the operator’s',
    a_month: 1,
    hours: [9, 15],
    minutes: [600, 1400],
    make: () => ({ fault: { kind: 'replica' }, touches: [] }),
  },
  {
    name: 'a limit of a few minutes',
    a_month: 5,
    hours: [9, 17],
    minutes: [6, 11],
    make: (random) => {
      const executor = random.pick(['claude-code', 'codex', 'gemini']);
      return { fault: { kind: 'limit', executor }, touches: [executor] };
    },
  },
  {
    name: 'a provider that is overloaded for minutes',
    a_month: 4,
    hours: [9, 17],
    // Longer, and the pauses become so long that nothing is done for a quarter of an hour.
    minutes: [2, 5],
    make: (random) => {
      const executor = random.pick(['claude-code', 'codex']);
      return { fault: { kind: 'overload', executor }, touches: [executor] };
    },
  },
  {
    name: 'a day of much work',
    a_month: 2,
    hours: [8, 9],
    // Until what comes in the evening has come.
    minutes: [720, 780],
    make: (random) => {
      const project = random.pick(['till', 'docs', 'etl']);
      return { fault: { kind: 'arrivals', where: { project }, times: 2 }, touches: [project, 'budget'] };
    },
  },
  {
    name: 'a holiday',
    a_month: 1,
    hours: [0, 0.1],
    minutes: [1400, 1430],
    make: () => ({ fault: { kind: 'arrivals', where: {}, times: 0 }, touches: ['all', 'budget'] }),
  },
  {
    name: 'thirty tasks at once',
    a_month: 3,
    hours: [9, 17],
    minutes: [120, 180],
    make: (random) => {
      const project = random.pick(['shop', 'till', 'docs']);
      return { fault: { kind: 'batch', where: { project }, tasks: 30 }, touches: [project, 'budget'] };
    },
  },
  {
    name: 'one dear task',
    a_month: 4,
    hours: [9, 17],
    minutes: [120, 180],
    make: (random) => {
      const project = random.pick(['shop', 'till', 'docs', 'etl']);
      return { fault: { kind: 'one_dear', where: { project }, times: 10 }, touches: [project] };
    },
  },
  {
    name: 'a dear hour that is no spike',
    a_month: 4,
    hours: [9.5, 15],
    minutes: [75, 120],
    after_days: 6,
    make: (random) => {
      const project = random.pick(['shop', 'till', 'docs', 'etl']);
      // What else is done in that hour comes to it.
      return {
        fault: { kind: 'spree', project, size: random.between(0.3, 0.5) },
        touches: [project, 'budget'],
      };
    },
  },
  {
    name: 'another model',
    a_month: 1,
    hours: [9, 12],
    minutes: [4000, 6000],
    make: () => ({
      fault: {
        kind: 'other_model',
        where: { project: 'shop', executor: 'claude-code', model: 'claude-opus' },
        model: 'claude-opus-next',
      },
      touches: [],
    }),
  },
  {
    name: 'a decision that is forgotten',
    a_month: 2,
    hours: [9, 15],
    minutes: [1500, 2600],
    make: (random) => {
      const project = random.pick(['shop', 'till', 'docs']);
      return {
        fault: { kind: 'undecided', where: { project } },
        touches: ['decision'],
      };
    },
  },
];
