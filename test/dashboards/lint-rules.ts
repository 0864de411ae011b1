import { grafanaValue } from '../../src/monitoring/dashboards/grafana-value.ts';
import {
  type DashboardJson,
  drawnPanels,
  type PanelJson,
  type Target,
  type VariableJson,
} from './dashboards.ts';
import { interpolate } from './interpolate.ts';
import { type ParsedPromql, parsePromql } from './promql.ts';

/** A rule of grafana/dashboard-linter, with the name that it has there. */
export interface LintRule {
  name: string;
  /** What is wrong, a line each. */
  check(dashboard: DashboardJson): string[];
}

const hour = { range: 3600, values: {} };
/** Those whose queries the linter knows how to read. */
const asking = ['timeseries', 'stat', 'gauge', 'bargauge', 'state-timeline', 'table'];

function ofPanels(
  name: string,
  wrong: (panel: PanelJson, dashboard: DashboardJson) => string | undefined,
): LintRule {
  return {
    name,
    check: (dashboard) =>
      drawnPanels(dashboard).flatMap((panel) => {
        const fault = wrong(panel, dashboard);
        return fault ? [`${dashboard.title}, ${panel.title}: ${fault}`] : [];
      }),
  };
}

function ofTargets(
  name: string,
  wrong: (target: Target, parsed: ParsedPromql) => string | undefined,
): LintRule {
  return ofPanels(name, ({ targets = [] }) =>
    targets
      .flatMap((target) => {
        const fault = wrong(target, parsePromql(interpolate(target.expr ?? '', 300, hour)));
        return fault ? [`${target.refId} ${fault}`] : [];
      })
      .join('; '),
  );
}

function ofVariables(
  name: string,
  wrong: (variable: VariableJson, dashboard: DashboardJson) => string | undefined,
): LintRule {
  return {
    name,
    check: (dashboard) =>
      dashboard.templating.list.flatMap((variable) => {
        const fault = wrong(variable, dashboard);
        return fault ? [`${dashboard.title}, variable ${variable.name}: ${fault}`] : [];
      }),
  };
}

function isLoki({ datasource }: Target): boolean {
  return datasource?.type === 'loki';
}

/** The variable that a scrape label is chosen by. */
function scrapeVariable(label: string): LintRule {
  return {
    name: `template-${label}-rule`,
    check: ({ title, templating }) => {
      const variable = templating.list.find(({ name }) => name === label);
      if (!variable) return [`${title}: there is no variable ${label}`];
      const { type, datasource, multi, allValue } = variable;
      const right =
        type === 'query' && datasource?.uid === grafanaValue('datasource') && multi && allValue === '.+';
      return right ? [] : [`${title}: variable ${label} is not as it should be`];
    },
  };
}

/** Every selector asks for a scrape label. */
function scrapeMatcher(label: string): LintRule {
  return ofTargets(`target-${label}-rule`, (_, { selectors }) => {
    const without = selectors.filter(({ labels }) => !labels.includes(label));
    return without.length > 0 ? `${without.length} selectors without ${label}` : undefined;
  });
}

/** Valid ones that we use; the linter's own list is of Grafana's categories. */
const units = ['none', 'short', 'percentunit', 'currencyUSD', 's', 'dateTimeFromNow'];

function unitsOf({ fieldConfig }: PanelJson): unknown[] {
  const overrides = fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
  return [
    fieldConfig?.defaults.unit,
    ...overrides.filter(({ id }) => id === 'unit').map(({ value }) => value),
  ];
}

export const lintRules: readonly LintRule[] = [
  {
    name: 'template-datasource-rule',
    check: ({ title, templating }) => {
      const sources = templating.list.filter(({ type }) => type === 'datasource');
      if (sources.length === 0) return [`${title}: there is no data source variable`];
      const single = sources.length === 1 ? ['datasource'] : [];
      return sources.flatMap(({ name, query }) =>
        [...single, `${query}_datasource`].includes(name)
          ? []
          : [`${title}: ${name} is not called ${query}_datasource`],
      );
    },
  },
  scrapeVariable('job'),
  scrapeVariable('instance'),
  ofVariables('template-label-promql-rule', ({ type, query = '' }) => {
    if (type !== 'query') return undefined;
    const [, name = '', selector = ''] = /^([a-z_]+)\((.+?)(?:, *\w+)?\)$/.exec(query) ?? [];
    if (!['label_names', 'label_values', 'metrics', 'query_result'].includes(name))
      return `cannot read ${query}`;
    return parsePromql(selector).errors[0];
  }),
  ofVariables('template-on-time-change-reload-rule', ({ type, refresh }) =>
    type === 'query' && refresh !== 2 ? 'is not refreshed when the time changes' : undefined,
  ),
  ofPanels('panel-datasource-rule', ({ datasource, targets = [] }, { templating }) => {
    const named = templating.list
      .filter(({ type }) => type === 'datasource')
      .map(({ name }) => `\${${name}}`);
    const used = [datasource?.uid, ...targets.map((target) => target.datasource?.uid ?? datasource?.uid)];
    return used.every((uid) => uid !== undefined && named.includes(uid))
      ? undefined
      : 'names its own data source';
  }),
  ofPanels('panel-title-description-rule', ({ title, description }) =>
    title && description ? undefined : 'has no title or no description',
  ),
  // As there, words in place of values are units enough.
  ofPanels('panel-units-rule', (panel) =>
    panel.fieldConfig?.defaults.mappings ||
    unitsOf(panel).every((unit) => typeof unit === 'string' && units.includes(unit))
      ? undefined
      : 'has no valid unit',
  ),
  ofPanels('panel-no-targets-rule', ({ type, targets = [] }) =>
    asking.includes(type) && targets.length === 0 ? 'asks for nothing' : undefined,
  ),
  // Stricter than the linter, which reads LogQL: nothing here does.
  ofTargets('target-logql-rule', (target) => (isLoki(target) ? 'asks Loki' : undefined)),
  ofTargets('target-logql-auto-rule', (target) =>
    isLoki(target) && /\[\d+\w\]/.test(target.expr ?? '') ? 'has a fixed range' : undefined,
  ),
  ofTargets('target-promql-rule', ({ expr = '' }, { errors }) =>
    expr === '' ? 'is empty' : errors.length > 0 ? errors.join('; ') : undefined,
  ),
  ofTargets('target-rate-interval-rule', ({ expr = '' }) => {
    const { selectors } = parsePromql(interpolate(expr.replaceAll('$__rate_interval', '999m'), 300, hour));
    const fixed = selectors.filter(({ within, range }) => /^i?rate$/.test(within ?? '') && range !== '999m');
    return fixed.length > 0 ? 'has a rate over a range of its own' : undefined;
  }),
  scrapeMatcher('job'),
  scrapeMatcher('instance'),
  ofTargets('target-counter-agg-rule', (_, { selectors }) => {
    const wrong = selectors.filter(
      ({ metric, within = '' }) =>
        metric.endsWith('_total') && !['rate', 'irate', 'increase'].includes(within),
    );
    return wrong.length > 0
      ? `reads ${wrong.map(({ metric }) => metric).join(', ')} as it stands`
      : undefined;
  }),
  {
    name: 'uneditable-dashboard',
    check: ({ title, editable }) =>
      editable ? [`${title}: can be edited, which the next upgrade undoes`] : [],
  },
];
