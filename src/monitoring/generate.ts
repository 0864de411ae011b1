import { alertsPage } from './alerts-page.ts';
import { composeFiles } from './compose-stack.ts';
import { dashboardFiles } from './dashboards/dashboard-files.ts';
import { dashboardsPage } from './dashboards-page.ts';
import type { GeneratedFile } from './generated-file.ts';
import { provisioningFiles } from './grafana-provisioning.ts';
import { profiles } from './objectives.ts';
import { alertsReference, metricsReference } from './reference.ts';
import { defaultPublicUrl, ruleFiles } from './rule-file.ts';

/** Every generated file of this folder, for the default objectives: what is checked in. */
export function generatedFiles(): GeneratedFile[] {
  const objectives = profiles.default;
  return [
    ...ruleFiles({ objectives }),
    ...dashboardFiles(defaultPublicUrl),
    ...provisioningFiles(objectives),
    ...composeFiles({ objectives, publicUrl: defaultPublicUrl }),
    { path: 'docs/reference/metrics.md', content: metricsReference() },
    { path: 'docs/dashboards.md', content: dashboardsPage() },
    { path: 'docs/alerts.md', content: alertsPage(objectives) },
    { path: 'docs/reference/alerts.md', content: alertsReference(objectives) },
  ];
}
