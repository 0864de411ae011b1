import { expect, test } from 'vitest';
import { findAlertDeclaration } from '../../monitoring/alerts/registry.ts';
import { profiles } from '../../monitoring/objectives.ts';
import { notificationsOf } from './notifications.ts';
import type { Episode } from './timeline.ts';

const declarations = ['AgentPipelineStalled', 'AgentCostSpike', 'AgentRunnerDown'].flatMap(
  (name) => findAlertDeclaration(name) ?? [],
);

function spike(project: string, from: number, to: number): Episode {
  return { alert: 'AgentCostSpike', labels: { project }, from, to };
}

/** What is sent when, of which label sets. */
function told(episodes: readonly Episode[]) {
  const { messages, untold } = notificationsOf(episodes, declarations, profiles.default);
  return {
    messages: messages.map(({ alert, sent, parts }) => [sent, alert, parts.map(({ labels }) => labels)]),
    untold,
  };
}

test('what fires while a group waits is one message, what comes later is told at the next interval', () => {
  const { messages } = told([spike('shop', 100, 300), spike('till', 103, 300), spike('docs', 110, 300)]);
  expect(messages).toEqual([
    [105, 'AgentCostSpike', [{ project: 'shop' }, { project: 'till' }]],
    [135, 'AgentCostSpike', [{ project: 'docs' }]],
  ]);
});

test('what fires again before the next interval is not told again, and what does later is', () => {
  const { messages, untold } = told([
    spike('shop', 100, 120),
    spike('shop', 130, 140),
    spike('shop', 190, 200),
  ]);
  expect(messages.map(([sent]) => sent)).toEqual([105, 195]);
  expect(untold).toEqual([]);
});

test('each alert that is new in a message counts by itself, and critical ones are told sooner', () => {
  const down: Episode = { alert: 'AgentRunnerDown', labels: { runner: 'r1' }, from: 101, to: 200 };
  const stalled: Episode = { alert: 'AgentPipelineStalled', labels: {}, from: 101, to: 200 };
  const { messages } = told([spike('shop', 100, 200), down, stalled]);
  expect(messages).toEqual([
    [102, 'AgentPipelineStalled', [{}]],
    [105, 'AgentCostSpike', [{ project: 'shop' }]],
    [105, 'AgentRunnerDown', [{ runner: 'r1' }]],
  ]);
});

test('what is over before the group has waited is not told', () => {
  const short = spike('shop', 100, 103);
  expect(told([short])).toEqual({ messages: [], untold: [short] });
});
