import { readdirSync, readFileSync } from 'node:fs';
import type { GeneratedFile } from './generated-file.ts';
import { dashboardsFolder } from './grafana-provisioning.ts';
import { defaultPublicUrl } from './rule-file.ts';

/** The dashboards that are checked in, with their links to Andon's pages leading to where the service is. */
export function dashboardCopies(publicUrl: string): GeneratedFile[] {
  const folder = new URL(`../../${dashboardsFolder}/`, import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => ({
    path: `${dashboardsFolder}/${name}`,
    content: readFileSync(new URL(name, folder), 'utf8').replaceAll(
      defaultPublicUrl,
      publicUrl.replace(/\/+$/, ''),
    ),
  }));
}
