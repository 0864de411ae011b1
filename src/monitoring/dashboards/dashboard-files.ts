import type { GeneratedFile } from '../generated-file.ts';
import { buildDashboard } from './build-dashboard.ts';
import { dashboardDeclarations } from './registry.ts';

/** The dashboards as files that Grafana provisions; links to Andon's pages begin with `publicUrl`. */
export function dashboardFiles(publicUrl: string): GeneratedFile[] {
  return dashboardDeclarations.map((declaration) => ({
    path: `grafana/dashboards/andon-${declaration.name}.json`,
    content: `${JSON.stringify(buildDashboard(declaration, publicUrl), null, 2)}\n`,
  }));
}
