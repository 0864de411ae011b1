import { readFileSync } from 'node:fs';
import { jobs } from '../telemetry/names.ts';
import { durationSeconds, type Objectives } from './objectives.ts';
import { renderTemplate } from './render-template.ts';

export interface PrometheusConfigOptions {
  objectives: Objectives;
  /** Where the service is, without a path: `http://127.0.0.1:8000`. */
  serviceUrl: string;
  /** The rule files; a relative path is taken from the folder of the configuration file. */
  ruleFiles: readonly string[];
  /** Prometheus's own `host:port`. */
  prometheusAddress: string;
  /** Alertmanager's `host:port`; none if it is not running. */
  alertmanagerAddress?: string;
  /** A file with a token of the scope `read`; asked for when the service has tokens. */
  tokenFile?: string;
}

/** `prometheus.yml`, from `prometheus/prometheus.yml.tmpl`. */
export function prometheusConfig(options: PrometheusConfigOptions): string {
  const { objectives, alertmanagerAddress, prometheusAddress, ruleFiles } = options;
  const service = new URL(options.serviceUrl);
  return renderTemplate(readTemplate('prometheus/prometheus.yml.tmpl'), {
    scrape_interval: objectives.scrape_interval,
    evaluation_interval: objectives.evaluation_interval,
    rule_files: ruleFiles,
    alertmanager_targets: alertmanagerAddress ? [alertmanagerAddress] : [],
    service_job: jobs.service,
    service_scheme: service.protocol.replace(':', ''),
    service_targets: [service.host],
    runner_job: jobs.runner,
    runner_targets_url: new URL('/api/agent/runners/targets', service).href,
    runner_refresh_interval: refreshInterval(objectives.scrape_interval),
    prometheus_targets: [prometheusAddress],
    token_file: options.tokenFile,
  });
}

/** New runners are looked for as often as the known ones are asked, but not more than every five seconds. */
function refreshInterval(scrapeInterval: string): string {
  return durationSeconds(scrapeInterval) < 5 ? '5s' : scrapeInterval;
}

function readTemplate(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
