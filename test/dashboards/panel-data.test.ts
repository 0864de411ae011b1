import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { panelsOf } from '../../src/monitoring/dashboards/build-dashboard.ts';
import { wilsonBound } from '../../src/monitoring/dashboards/queries.ts';
import { dashboardDeclarations } from '../../src/monitoring/dashboards/registry.ts';
import type { History } from '../../src/simulation/history/history.ts';
import { query, queryRange } from '../../src/stack/prometheus-client.ts';
import { ledgerMetrics } from '../../src/telemetry/names.ts';
import {
  type DashboardJson,
  dashboards,
  drawnPanels,
  linksOf,
  type PanelJson,
  type Target,
} from './dashboards.ts';
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

interface Answer {
  labels: Readonly<Record<string, string>>;
  values: readonly number[];
}

/** The series that a query of a panel answers with. */
async function answer(
  panel: PanelJson,
  { expr = '', instant = false }: Target,
  view: View,
): Promise<Answer[]> {
  const step = stepOf(panel, view);
  const promql = interpolate(expr, step, view);
  if (instant) {
    const samples = await query(history.url, promql, historyEnd);
    return samples.map(({ metric, value }) => ({ labels: metric, values: [value] }));
  }
  const aligned = (time: number) => Math.floor(time / step) * step;
  const range = {
    start: aligned(historyEnd - view.range),
    end: aligned(historyEnd),
    step,
    timeoutSeconds: 60,
  };
  const series = await queryRange(history.url, promql, range);
  return series.map(({ metric, values }) => ({ labels: metric, values: values.map(({ value }) => value) }));
}

/** The labels that the names of series, and the links of series and rows, are made with. */
function labelsNamed(panel: PanelJson): string[] {
  const legends = (panel.targets ?? []).map(({ legendFormat = '' }) =>
    legendFormat.matchAll(/\{\{(\w+)\}\}/g),
  );
  const links = linksOf(panel).map(({ url }) => url.matchAll(/__(?:field\.labels|data\.fields)\.(\w+)/g));
  return [...legends, ...links].flatMap((found) => [...found].map(([, label = '']) => label));
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
    const series = answers.flat();
    const numbers = series.flatMap(({ values }) => values);
    if (expectsData) expect(numbers).not.toEqual([]);
    // A share of nothing is absent, and a count is never infinite.
    expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
    for (const { labels } of series)
      expect(Object.keys(labels)).toEqual(expect.arrayContaining(labelsNamed(panel)));
  });
});

/** What a panel of a dashboard answers. */
async function shown(uid: string, title: string, view: View): Promise<Answer[]> {
  const panels = dashboards.filter((dashboard) => dashboard.uid === uid).flatMap(drawnPanels);
  const panel = panels.find((each) => each.title === title);
  const [target] = panel?.targets ?? [];
  if (!panel || !target) throw new Error(`there is no ${title}`);
  return answer(panel, target, view);
}

const day = { range: 24 * hour, values: {} };
const total = (answers: readonly Answer[]) =>
  answers.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);

test('bars add up to what was counted, and so do quarters of an hour', async () => {
  const counted = async (from: number, to: number) => {
    const at = (time: number) => query(history.url, `sum(${ledgerMetrics.tasks_finished.name})`, time);
    const [[before], [after]] = [await at(from), await at(to)];
    return (after?.value ?? 0) - (before?.value ?? 0);
  };
  // The first bar stands at a full hour, and the last one is not over.
  const start = Math.floor((historyEnd - day.range) / hour) * hour;
  expect(total(await shown('andon-pipeline', 'Finished tasks', day))).toBe(await counted(start, historyEnd));
  const week = { range: 7 * 24 * hour, values: {} };
  const finished = await counted(historyEnd - week.range, historyEnd);
  expect(finished).toBeGreaterThan(300);
  expect(Math.abs(total(await shown('andon-variants', 'Models', week)) / finished - 1)).toBeLessThan(0.02);
});

test('an alert about another project is left out, and one about none is not', async () => {
  const state = async (project: string) =>
    total(await shown('andon-pipeline', 'State', { ...day, values: { project } }));
  expect([await state('.*'), await state('shop'), await state('till')]).toEqual([2, 2, 1]);
  const firing = await shown('andon-pipeline', 'What fires', { ...day, values: { project: 'till' } });
  expect(firing.map(({ labels }) => labels.alertname)).toEqual(['AgentPipelineStalled']);
  expect(total(await shown('andon-pipeline', 'Stalled since', day))).toBe(
    (historyEnd + 60 - 130 * 60) * 1000,
  );
});

test('success lies within Wilson’s interval', async () => {
  const bound = async (which: 'lower' | 'upper', part: number, whole: number) =>
    total([
      {
        labels: {},
        values: (await query(history.url, wilsonBound(which, `vector(${part})`, `vector(${whole})`))).map(
          ({ value }) => value,
        ),
      },
    ]);
  expect(await bound('lower', 80, 85)).toBeCloseTo(0.8696, 4);
  expect(await bound('upper', 80, 85)).toBeCloseTo(0.9746, 4);
  expect(await bound('upper', 3, 3)).toBe(1);
  expect(await bound('lower', 0, 3)).toBeCloseTo(0, 10);
});
