import { expect, test } from 'vitest';
import { grafanaValue } from '../../src/monitoring/dashboards/grafana-value.ts';
import { type DashboardJson, dashboards, parseDashboard } from './dashboards.ts';
import { type LintRule, lintRules } from './lint-rules.ts';

/** Rules that we do not keep, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'template-datasource-rule':
    'With a second data source, for traces, the linter wants prometheus_datasource; `datasource` is what users’ other dashboards have, and links between dashboards carry it.',
  'template-job-rule':
    'The jobs are ours, and named in src/telemetry/names.ts; people filter by whose work it is.',
  'template-instance-rule':
    'What comes out of the store is the same on every instance, and must not be chosen by it.',
  'target-job-rule': 'Names of series are ours alone, and rules record most of them for each job.',
  'target-instance-rule': 'As above: it is taken once, whatever instances export it.',
};

/** Fails no rule. */
const sound = {
  uid: 'a',
  title: 'Sound',
  editable: false,
  schemaVersion: 42,
  links: [],
  annotations: { list: [] },
  templating: {
    list: [
      { name: 'datasource', type: 'datasource', query: 'prometheus' },
      ...['job', 'instance'].map((name) => ({
        name,
        type: 'query',
        query: `label_values(up, ${name})`,
        datasource: { uid: grafanaValue('datasource') },
        refresh: 2,
        multi: true,
        allValue: '.+',
      })),
    ],
  },
  panels: [
    {
      id: 1,
      type: 'timeseries',
      title: 'Requests',
      description: 'How many.',
      datasource: { uid: grafanaValue('datasource') },
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      targets: [
        { refId: 'A', expr: 'rate(requests_total{job=~"$job",instance=~"$instance"}[$__rate_interval])' },
      ],
      fieldConfig: { defaults: { unit: 'short' }, overrides: [] },
    },
  ],
};

/** What a rule has to find, as a change to what is sound: in its JSON, one text in place of another. */
const faults: Readonly<Record<string, readonly [string | RegExp, string]>> = {
  'template-datasource-rule': ['"name":"datasource"', '"name":"prom"'],
  'template-job-rule': ['"name":"job"', '"name":"jobs"'],
  'template-instance-rule': ['"name":"instance"', '"name":"instances"'],
  'template-label-promql-rule': ['label_values(up, job)', 'label_values(up{, job)'],
  'template-on-time-change-reload-rule': ['"refresh":2', '"refresh":1'],
  'panel-datasource-rule': [/"uid":"\$\{datasource\}"\},"gridPos"/, '"uid":"P123"},"gridPos"'],
  'panel-title-description-rule': ['"description":"How many.",', ''],
  'panel-units-rule': ['"unit":"short"', '"unit":"shirt"'],
  'panel-no-targets-rule': [/"targets":\[.*?\]\)"\}\]/, '"targets":[]'],
  'target-logql-rule': ['"refId":"A"', '"refId":"A","datasource":{"type":"loki"}'],
  'target-logql-auto-rule': [
    /"refId":"A","expr":"[^}]*\}[^}]*\}/,
    '"refId":"A","datasource":{"type":"loki"},"expr":"rate({a=\\"b\\"}[5m])"}',
  ],
  'target-promql-rule': ['rate(requests', 'rate((requests'],
  'target-rate-interval-rule': ['[$__rate_interval]', '[5m]'],
  'target-job-rule': ['job=~\\"$job\\",', ''],
  'target-instance-rule': [',instance=~\\"$instance\\"', ''],
  'target-counter-agg-rule': ['[$__rate_interval])', ')'],
  'uneditable-dashboard': ['"editable":false', '"editable":true'],
};

function broken({ name }: LintRule): DashboardJson {
  const [from = '', to = ''] = faults[name] ?? [];
  const json = JSON.stringify(sound);
  const changed = json.replace(from, () => to);
  expect(changed).not.toBe(json);
  return parseDashboard(JSON.parse(changed));
}

test('these are the 17 rules', () => {
  expect(lintRules).toHaveLength(17);
  expect(Object.keys(faults).sort()).toEqual(lintRules.map(({ name }) => name).sort());
  expect(lintRules.flatMap((rule) => rule.check(parseDashboard(sound)))).toEqual([]);
});

test.each(lintRules)('$name finds what it is for', (rule) => {
  expect(rule.check(broken(rule))).not.toEqual([]);
});

test.each(lintRules)('$name is kept, or its exception is needed', (rule) => {
  const found = dashboards.flatMap((dashboard) => rule.check(dashboard));
  if (rule.name in exceptions) expect(found).not.toEqual([]);
  else expect(found).toEqual([]);
});
