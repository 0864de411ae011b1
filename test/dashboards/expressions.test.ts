import { describe, expect, test } from 'vitest';
import { dashboards, drawnPanels } from './dashboards.ts';
import { interpolate } from './interpolate.ts';
import { knownSeries } from './known-series.ts';
import { parsePromql } from './promql.ts';

const day = { range: 24 * 3600, values: {} };

/** What is wrong with an expression: that it does not parse, or names what nobody exports. */
function problems(expr: string): string[] {
  const { errors, selectors, grouping, made } = parsePromql(interpolate(expr, 300, day));
  const there = new Set([...made, ...selectors.flatMap(({ metric }) => knownSeries.get(metric) ?? [])]);
  return [
    ...errors,
    ...selectors.flatMap(({ metric, labels }) => {
      const known = knownSeries.get(metric);
      if (!known) return [`no series ${metric}`];
      return labels
        .filter((label) => !known.includes(label))
        .map((label) => `no label ${label} of ${metric}`);
    }),
    ...grouping
      .filter((label) => label !== 'le' && !there.has(label))
      .map((label) => `nothing has a label ${label}`),
  ];
}

/** The labels that a legend or a title puts in. */
function namedIn(text = ''): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
}

test.each([
  ['sum by (project) (agent_tasks)', []],
  ['sum by (project (agent_tasks)', ['at 16']],
  ['agent_task', ['no series agent_task']],
  ['agent_tasks{model="x"}', ['no label model of agent_tasks']],
  ['sum by (colour) (agent_tasks)', ['nothing has a label colour']],
  ['increase(agent_task_duration_seconds_bucket{le="1"}[$__range])', []],
  ['increase(agent_task_duration_seconds[$__interval])', ['no series agent_task_duration_seconds']],
  ['sum by (group) (label_replace(agent_tasks, "group", "$1", "project", "(.*)"))', []],
])('%s is read as it is', (expr, wrong) => {
  const found = problems(expr);
  expect(found).toHaveLength(wrong.length);
  for (const [index, beginning] of wrong.entries()) expect(found[index]).toContain(beginning);
});

describe.each(dashboards)('$title', (dashboard) => {
  const targets = drawnPanels(dashboard).flatMap(({ title = '', targets = [] }) =>
    targets.map(({ refId, expr = '', legendFormat }) => ({ name: `${title} ${refId}`, expr, legendFormat })),
  );

  test.each(targets)('$name names what is exported or recorded', ({ expr, legendFormat }) => {
    expect(problems(expr)).toEqual([]);
    const { selectors, made } = parsePromql(interpolate(expr, 300, day));
    const labels = [...made, ...selectors.flatMap(({ metric }) => knownSeries.get(metric) ?? [])];
    expect(labels).toEqual(expect.arrayContaining(namedIn(legendFormat)));
  });

  test.each(dashboard.annotations.list)('annotation $name', ({ expr, titleFormat, textFormat }) => {
    expect(problems(expr)).toEqual([]);
    const labels = parsePromql(interpolate(expr, 60, day)).selectors.flatMap(({ metric }) =>
      knownSeries.get(metric),
    );
    expect(labels).toEqual(expect.arrayContaining(namedIn(`${titleFormat}${textFormat}`)));
  });

  const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
  test.skipIf(variables.length === 0).each(variables)('variable $name', ({ name, query }) => {
    const [, series = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query ?? '') ?? [];
    expect(knownSeries.get(series)).toContain(label);
    expect(label).toBe(name);
  });

  test('no variable is asked for that is not there', () => {
    const known = dashboard.templating.list.map(({ name }) => name);
    const asked = JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g);
    expect(
      [...new Set([...asked].map(([, name]) => name))].filter((name) => !known.includes(name ?? '')),
    ).toEqual([]);
  });
});
