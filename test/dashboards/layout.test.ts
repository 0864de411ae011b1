import { describe, expect, test } from 'vitest';
import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { dashboardFilters, dashboardUid } from '../../src/monitoring/dashboards/filters.ts';
import { dashboards, drawnPanels, linksOf, type PanelJson } from './dashboards.ts';

function overlap({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** A link with something in each place where Grafana puts a value. */
function followed(url: string): URL {
  return new URL(
    url.replaceAll(/\$\{[^}]+\}/g, (whole) => (whole.includes('andon_url') ? 'http://a' : 'x%20y')),
    'http://grafana',
  );
}

describe.each(dashboards)('$title', (dashboard) => {
  test('fills its lines and overlaps nowhere', () => {
    const { panels } = dashboard;
    const overlapping = panels.flatMap((panel, at) =>
      panels
        .slice(at + 1)
        .filter((other) => overlap(panel, other))
        .map(({ title }) => `${panel.title} / ${title}`),
    );
    expect(overlapping).toEqual([]);
    const widths = new Map<number, number>();
    for (const { gridPos } of panels) widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    expect([...widths].filter(([, width]) => width !== 24)).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('can be provisioned', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 42, version: 1, editable: false });
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard.links).toMatchObject([
      { type: 'dashboards', tags: ['andon'], includeVars: true, keepTime: true },
      { type: 'link' },
    ]);
    expect(JSON.stringify(dashboard.links)).not.toContain('placement');
  });

  test.each(drawnPanels(dashboard))(
    '$title says what it is where it is empty, too',
    ({ description, fieldConfig }) => {
      expect(description).toMatch(/^[A-Z0-9“].*\.$/s);
      expect(fieldConfig?.defaults.noValue).toMatch(/\w/);
    },
  );

  const links = drawnPanels(dashboard).flatMap((panel) =>
    linksOf(panel).map((link) => ({ panel: panel.title, ...link })),
  );
  test.skipIf(links.length === 0).each(links)('$panel leads to $title', ({ title, url }) => {
    const { host, pathname, searchParams } = followed(url);
    if (title === 'Traces') {
      const panes = JSON.parse(searchParams.get('panes') ?? '');
      expect(panes.t.queries[0]).toMatchObject({ queryType: 'traceql', datasource: { type: 'tempo' } });
      return;
    }
    expect(host).toBe('a');
    expect(pathname).toMatch(/^\/(tasks|improvements|runbooks\/x%20y)$/);
    const filters = pathname === '/tasks' ? ['status', ...dashboardFilters.usage] : ['state', 'kind'];
    expect(filters).toEqual(expect.arrayContaining([...searchParams.keys()]));
  });
});

test.each(alertDeclarations)('the dashboard of $name is there', ({ dashboard }) => {
  expect(dashboards.map(({ uid }) => uid)).toContain(dashboardUid(dashboard));
});
