import { alertsPage } from './alerts-page.ts';
import { composeFiles } from './compose-stack.ts';
import type { GeneratedFile } from './generated-file.ts';
import { provisioningFiles } from './grafana-provisioning.ts';
import { profiles } from './objectives.ts';
import { alertsReference, metricsReference } from './reference.ts';
import { alertRuleFile, defaultPublicUrl, type RuleFileOptions, recordingRuleFile } from './rule-file.ts';

/** The rule files, as Prometheus loads them. */
export function ruleFiles(options: RuleFileOptions): GeneratedFile[] {
  return [
    { path: 'prometheus/rules/andon.recording.yml', content: recordingRuleFile() },
    { path: 'alerts/andon.alerts.yml', content: alertRuleFile(options) },
  ];
}

/** Every generated file of this folder, for the default objectives: what is checked in. */
export function generatedFiles(): GeneratedFile[] {
  const objectives = profiles.default;
  return [
    ...ruleFiles({ objectives }),
    ...provisioningFiles(objectives),
    ...composeFiles({ objectives, publicUrl: defaultPublicUrl }),
    { path: 'docs/reference/metrics.md', content: metricsReference() },
    { path: 'docs/alerts.md', content: alertsPage(objectives) },
    { path: 'docs/reference/alerts.md', content: alertsReference(objectives) },
  ];
}
