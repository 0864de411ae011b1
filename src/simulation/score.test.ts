import { expect, test } from 'vitest';
import type { Told } from './evaluation/notifications.ts';
import type { Episode } from './evaluation/timeline.ts';
import type { Incident } from './incident.ts';
import { scoreAlerts } from './score.ts';

const names = ['AgentCostSpike', 'AgentBudgetNear'];

function spike(over: Partial<Incident> = {}): Incident {
  return {
    name: 'a spike',
    fault: { kind: 'spree', project: 'shop', size: 2 },
    from: 1000,
    to: 1100,
    expected: { alert: 'AgentCostSpike', labels: { project: 'shop' } },
    instead: [],
    follows: ['AgentBudgetNear'],
    lingers: [],
    tail: 60,
    touches: ['shop'],
    quiet_minutes: 0,
    ...over,
  };
}

function fires(alert: string, project: string, from: number): Episode {
  return { alert, labels: { project }, from, to: from + 50 };
}

/** Each episode as a message of its own, and as one that was over too soon. */
function score(incidents: Incident[], episodes: Episode[], untold: Episode[] = []) {
  const told: Told = {
    messages: episodes.map((episode) => ({ alert: episode.alert, sent: episode.from, parts: [episode] })),
    untold,
  };
  const { alerts } = scoreAlerts(names, incidents, { episodes, told });
  return Object.fromEntries(
    alerts.map(({ alert, incidents, found, true_alarms, repeats, false_alarms, delays }) => [
      alert,
      { incidents, found, true_alarms, repeats, false_alarms, delays },
    ]),
  );
}

const nothing = { incidents: 0, found: 0, true_alarms: 0, repeats: 0, false_alarms: 0, delays: [] };

test('the first message about an incident is true, and what else it explains repeats it', () => {
  const episodes = [
    fires('AgentCostSpike', 'shop', 1020),
    fires('AgentCostSpike', 'shop', 1090),
    fires('AgentBudgetNear', 'shop', 1050),
  ];
  expect(score([spike()], episodes)).toEqual({
    AgentCostSpike: { incidents: 1, found: 1, true_alarms: 1, repeats: 1, false_alarms: 0, delays: [20] },
    AgentBudgetNear: { ...nothing, repeats: 1 },
  });
});

test('what follows of an incident elsewhere is false, unless it stops everything', () => {
  const elsewhere = [fires('AgentBudgetNear', 'till', 1050)];
  expect(score([spike()], elsewhere).AgentBudgetNear?.false_alarms).toBe(1);
  expect(score([spike({ touches: ['all'] })], elsewhere).AgentBudgetNear?.false_alarms).toBe(0);
});

test('an alert before an incident, long after it, or of another project does not find it', () => {
  const episodes = [
    fires('AgentCostSpike', 'shop', 900),
    fires('AgentCostSpike', 'till', 1020),
    fires('AgentCostSpike', 'shop', 1200),
  ];
  expect(score([spike()], episodes).AgentCostSpike).toEqual({
    ...nothing,
    incidents: 1,
    false_alarms: 3,
  });
});

test('a near miss need not be told of, and may be', () => {
  const small = spike({ small: true });
  expect(score([small], []).AgentCostSpike).toEqual(nothing);
  const told = score([small], [fires('AgentCostSpike', 'shop', 1020)]).AgentCostSpike;
  expect(told).toMatchObject({ incidents: 0, false_alarms: 0 });
});

test('what looks back over days may be true long after', () => {
  const late = [fires('AgentBudgetNear', 'shop', 1100 + 2 * 1440)];
  expect(score([spike()], late).AgentBudgetNear?.false_alarms).toBe(1);
  expect(score([spike({ lingers: ['AgentBudgetNear'] })], late).AgentBudgetNear?.false_alarms).toBe(0);
});

test('what fires for nothing is false also where nobody was told of it', () => {
  expect(score([], [], [fires('AgentCostSpike', 'shop', 10)]).AgentCostSpike?.false_alarms).toBe(1);
});
