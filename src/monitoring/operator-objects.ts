import { stringify } from 'yaml';
import { jobs } from '../telemetry/names.ts';
import type { GeneratedFile } from './generated-file.ts';
import type { Objectives } from './objectives.ts';

export interface OperatorOptions {
  groups: object[];
  objectives: Objectives;
  serviceUrl: string;
  tokens: boolean;
  /** The first line of each file. */
  header: string;
}

const labels = { 'app.kubernetes.io/name': 'andon' };
/** The secret with the service's tokens. */
const secret = 'andon-tokens';

/** Rules and scrape jobs as objects of the prometheus-operator: PrometheusRule, ServiceMonitor and ScrapeConfig. */
export function operatorObjects(options: OperatorOptions): GeneratedFile[] {
  return [
    { name: 'prometheus-rule', object: prometheusRule(options) },
    { name: 'service-monitor', object: serviceMonitor(options) },
    { name: 'scrape-config', object: scrapeConfig(options) },
  ].map(({ name, object }) => ({
    path: `kubernetes/${name}.yaml`,
    content: options.header + stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
  }));
}

function prometheusRule({ groups }: OperatorOptions): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'andon', labels },
    spec: { groups },
  };
}

/** The service, under the job's name that the rules know. */
function serviceMonitor({ objectives, serviceUrl, tokens }: OperatorOptions): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'andon', labels },
    spec: {
      selector: { matchLabels: labels },
      endpoints: [
        {
          port: 'http',
          path: '/metrics',
          scheme: new URL(serviceUrl).protocol.replace(':', ''),
          interval: objectives.scrape_interval,
          ...authorization(tokens),
          relabelings: [jobLabel(jobs.service)],
        },
      ],
    },
  };
}

/** The runners, which the service knows. */
function scrapeConfig({ objectives, serviceUrl, tokens }: OperatorOptions): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'ScrapeConfig',
    metadata: { name: 'andon-runners', labels },
    spec: {
      scrapeInterval: objectives.scrape_interval,
      httpSDConfigs: [
        { url: new URL('/api/agent/runners/targets', serviceUrl).href, ...authorization(tokens) },
      ],
      relabelings: [jobLabel(jobs.runner)],
    },
  };
}

function jobLabel(job: string): object {
  return { action: 'replace', targetLabel: 'job', replacement: job };
}

function authorization(tokens: boolean): object {
  return tokens ? { authorization: { type: 'Bearer', credentials: { name: secret, key: 'read' } } } : {};
}
