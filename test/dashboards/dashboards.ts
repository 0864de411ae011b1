import { z } from 'zod';
import { buildDashboard } from '../../src/monitoring/dashboards/build-dashboard.ts';
import { dashboardDeclarations } from '../../src/monitoring/dashboards/registry.ts';
import { defaultPublicUrl } from '../../src/monitoring/rule-file.ts';

/** What of a dashboard's JSON the tests read. */
const source = z.looseObject({ uid: z.string().optional() });
const link = z.looseObject({ title: z.string(), url: z.string() });
const target = z.looseObject({
  refId: z.string(),
  expr: z.string().optional(),
  datasource: source.optional(),
  legendFormat: z.string().optional(),
  instant: z.boolean().optional(),
  format: z.string().optional(),
});
export type Target = z.output<typeof target>;
const property = z.looseObject({ id: z.string(), value: z.unknown() });
const panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  datasource: source.optional(),
  interval: z.string().optional(),
  maxDataPoints: z.number().optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(target).optional(),
  fieldConfig: z
    .looseObject({
      defaults: z.looseObject({
        unit: z.string().optional(),
        noValue: z.string().optional(),
        mappings: z.array(z.unknown()).optional(),
        links: z.array(link).optional(),
      }),
      overrides: z.array(
        z.looseObject({ matcher: z.looseObject({ options: z.unknown() }), properties: z.array(property) }),
      ),
    })
    .optional(),
});
export type PanelJson = z.output<typeof panel>;
const variable = z.looseObject({
  name: z.string(),
  type: z.string(),
  label: z.string().optional(),
  query: z.string().optional(),
  datasource: source.optional(),
  refresh: z.number().optional(),
  multi: z.boolean().optional(),
  includeAll: z.boolean().optional(),
  allValue: z.string().optional(),
});
export type VariableJson = z.output<typeof variable>;
const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  editable: z.boolean(),
  schemaVersion: z.number(),
  panels: z.array(panel),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({ list: z.array(z.looseObject({ name: z.string(), expr: z.string() })) }),
  links: z.array(z.looseObject({ type: z.string() })),
});
export type DashboardJson = z.output<typeof dashboard>;

/** A dashboard as Grafana reads it, from its JSON. */
export function parseDashboard(json: unknown): DashboardJson {
  return dashboard.parse(JSON.parse(JSON.stringify(json)));
}

/** Every dashboard of ours. */
export const dashboards: readonly DashboardJson[] = dashboardDeclarations.map((declaration) =>
  parseDashboard(buildDashboard(declaration, defaultPublicUrl)),
);

/** Panels that draw something; rows are only headings. */
export function drawnPanels({ panels }: DashboardJson): PanelJson[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** The links of a panel: of all its fields, and of single ones. */
export function linksOf({ fieldConfig }: PanelJson): z.output<typeof link>[] {
  const properties = fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
  const single = properties.filter(({ id }) => id === 'links').map(({ value }) => z.array(link).parse(value));
  return [...(fieldConfig?.defaults.links ?? []), ...single.flat()];
}
