import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { panelsOf } from '../../src/monitoring/dashboards/build-dashboard.ts';
import { dashboardDeclarations } from '../../src/monitoring/dashboards/registry.ts';
import type { History } from '../../src/simulation/history/history.ts';
import { query, queryRange } from '../../src/stack/prometheus-client.ts';
import { type DashboardJson, dashboards, drawnPanels, type PanelJson, type Target } from './dashboards.ts';
import { interpolate, stepOf, type View } from './interpolate.ts';
import { historyEnd, startSimulatedHistory } from './simulated-history.ts';

const hour = 3600;
/** One value of every filter, of work that there is. */
const one = {
  project: 'shop',
  task_type: 'impl',
  model: 'claude-opus',
  executor: 'claude-code',
  variant: 'prompt:terse,skill:v2',
  kind: 'heal',
};
const views: readonly (View & { name: string })[] = [
  { name: '1 h', range: hour, values: {} },
  { name: '24 h', range: 24 * hour, values: {} },
  { name: '7 d', range: 7 * 24 * hour, values: {} },
  { name: '1 h of one', range: hour, values: one },
  { name: '24 h of one', range: 24 * hour, values: one },
  { name: '7 d of one', range: 7 * 24 * hour, values: one },
];

let history: History;
beforeAll(async () => {
  const everything = JSON.stringify(dashboards);
  history = await startSimulatedHistory((series) => everything.includes(series));
}, 120_000);
afterAll(() => history?.close());

/** The numbers that a query of a panel answers with. */
async function answer(
  panel: PanelJson,
  { expr = '', instant = false }: Target,
  view: View,
): Promise<number[]> {
  const step = stepOf(panel, view);
  const promql = interpolate(expr, step, view);
  if (instant) return (await query(history.url, promql, historyEnd)).map(({ value }) => value);
  const aligned = (time: number) => Math.floor(time / step) * step;
  const range = {
    start: aligned(historyEnd - view.range),
    end: aligned(historyEnd),
    step,
    timeoutSeconds: 60,
  };
  return (await queryRange(history.url, promql, range)).flatMap(({ values }) =>
    values.map(({ value }) => value),
  );
}

const cases = dashboards.flatMap((dashboard: DashboardJson, at) => {
  const declared = panelsOf(dashboardDeclarations[at]?.sections ?? []);
  return drawnPanels(dashboard).map((panel, index) => ({
    name: `${dashboard.title}, ${panel.title}`,
    panel,
    expectsData: declared[index]?.expectsData,
  }));
});

describe.each(views)('$name', (view) => {
  test.each(cases)('$name', async ({ panel, expectsData }) => {
    const answers = await Promise.all((panel.targets ?? []).map((target) => answer(panel, target, view)));
    const numbers = answers.flat();
    if (expectsData) expect(numbers.filter((value) => !Number.isNaN(value))).not.toEqual([]);
    // A share of nothing is absent, and a count is never infinite.
    expect(
      numbers.filter((value) => Number.isNaN(value) || Math.abs(value) === Number.POSITIVE_INFINITY),
    ).toEqual([]);
  });
});
