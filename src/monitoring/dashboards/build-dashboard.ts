import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardDeclaration, Section } from './dashboard-declaration.ts';
import { descriptionOf } from './description.ts';
import { dashboardFilters, dashboardUid, type Filter } from './filters.ts';
import { andonUrl } from './links.ts';
import { prometheusSource } from './panels/panel-query.ts';
import { firingAlerts } from './queries.ts';
import { variablesOf } from './variables.ts';

/** What Grafana's file provisioning takes from version 10 on: the classic form, not the one with `spec`. */
const schemaVersion = 42;
/** On every dashboard of Andon's: they link to each other by it. */
const tag = 'andon';

/** The dashboard as Grafana reads it; links to Andon's pages begin with `publicUrl`. */
export function buildDashboard(declaration: DashboardDeclaration, publicUrl: string): Dashboard {
  const { name, title, answers, sections, from } = declaration;
  const filters = dashboardFilters[name];
  const builder = new DashboardBuilder(`Andon: ${title}`)
    .uid(dashboardUid(name))
    .description(answers)
    .tags([tag])
    .version(1)
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('1m')
    .variables(variablesOf(filters, publicUrl).map(built))
    .annotations(annotationsOf(declaration, filters).map(built))
    .links(dashboardLinks().map(built));
  let id = 1;
  for (const { title: heading, panels } of sections) {
    builder.withRow(new RowBuilder(heading).id(id++));
    for (const panel of panels) {
      const { width: w, height: h } = panel;
      // The builder puts what stands at 0, 0 behind the panel before.
      const description = descriptionOf(panel, filters);
      const placed: Panel = { ...panel.panel, description, id: id++, gridPos: { x: 0, y: 0, w, h } };
      builder.withPanel(built(placed));
    }
  }
  return { ...builder.build(), schemaVersion };
}

/** Every panel of a dashboard, in order. */
export function panelsOf(sections: readonly Section[]) {
  return sections.flatMap(({ panels }) => panels);
}

function annotationsOf({ marks }: DashboardDeclaration, filters: readonly Filter[]): AnnotationQuery[] {
  const marked = marks && `alertname=~"${marks.alerts.join('|')}"`;
  return [
    annotation('Alerts', firingAlerts(filters), 'red'),
    ...(marks && marked ? [annotation(marks.name, firingAlerts(filters, marked), 'purple')] : []),
  ];
}

function annotation(name: string, expr: string, iconColor: string): AnnotationQuery {
  const query = new AnnotationQueryBuilder()
    .name(name)
    .datasource(prometheusSource)
    .enable(true)
    .iconColor(iconColor)
    .expr(expr)
    .titleFormat('{{alertname}}')
    .textFormat('{{project}} {{task_type}} {{model}} {{executor}}')
    .tagKeys('severity')
    .step('60s')
    .build();
  return shownAtTop(query);
}

/** To the other dashboards, those to come too, with the filters and the time; and to Andon's own pages. */
function dashboardLinks(): DashboardLink[] {
  const others = new DashboardLinkBuilder('Andon dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true);
  const pages = new DashboardLinkBuilder('What needs you')
    .type(DashboardLinkType.Link)
    .icon('external link')
    .url(`${andonUrl}/`)
    .targetBlank(true);
  return [others, pages].map((link) => shownAtTop(link.build()));
}

/** Newer versions of Grafana hide in a menu what says so, as the SDK's builders do. */
function shownAtTop<T extends { placement?: unknown }>(thing: T): T {
  const { placement: _, ...rest } = thing;
  return rest as T;
}

function built<T>(value: T): { build: () => T } {
  return { build: () => value };
}
