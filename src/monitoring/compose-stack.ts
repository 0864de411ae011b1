import { alertmanagerConfig } from './alertmanager-config.ts';
import type { GeneratedFile } from './generated-file.ts';
import { messageTemplates } from './message-templates.ts';
import type { Notifications } from './notifications.ts';
import type { Objectives } from './objectives.ts';
import { generatedHeader } from './rule-file.ts';
import { prometheusConfig } from './server-configs.ts';

export interface ComposeStackOptions {
  objectives: Objectives;
  /** Whom to tell besides the service; nobody, unless said. */
  notifications?: Notifications;
  /** How people reach the service. */
  publicUrl: string;
}

/** Where things are within the containers of `docker-compose.yml`. */
export const composePaths = {
  serviceUrl: 'http://service:8000',
  alertmanager: 'alertmanager:9093',
  prometheus: 'localhost:9090',
  /** Of the service that asks, with the scope that it needs. */
  token: '/run/andon/token',
  /** From the folder of `prometheus.yml`. */
  rules: ['rules/andon.recording.yml', 'alerts/andon.alerts.yml'],
  templates: '/etc/alertmanager/andon.tmpl',
} as const;

/** The configurations of the two servers, as `docker-compose.yml` mounts them. */
export function composeFiles(options: ComposeStackOptions): GeneratedFile[] {
  const { objectives, notifications, publicUrl } = options;
  const { serviceUrl, token: tokenFile, templates: templatesFile } = composePaths;
  const prometheus = prometheusConfig({
    objectives,
    serviceUrl,
    ruleFiles: composePaths.rules,
    prometheusAddress: composePaths.prometheus,
    alertmanagerAddress: composePaths.alertmanager,
    tokenFile,
  });
  const alertmanager = alertmanagerConfig({
    objectives,
    serviceUrl,
    tokenFile,
    notifications,
    templatesFile,
  });
  return [
    { path: 'compose/prometheus.yml', content: withOurHeader(prometheus) },
    { path: 'compose/alertmanager.yml', content: withOurHeader(alertmanager) },
    { path: 'compose/andon.tmpl', content: messageTemplates(publicUrl) },
  ];
}

/** In place of the one that speaks of Andon's start: nothing is written when containers start. */
function withOurHeader(config: string): string {
  return config.replace(/^(#.*\n)+/, generatedHeader);
}
