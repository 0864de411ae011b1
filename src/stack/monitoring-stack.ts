import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { alertmanagerConfig } from '../monitoring/alertmanager-config.ts';
import { messageTemplates } from '../monitoring/message-templates.ts';
import type { Notifications } from '../monitoring/notifications.ts';
import { durationSeconds, type Objectives } from '../monitoring/objectives.ts';
import { ruleFiles } from '../monitoring/rule-file.ts';
import { prometheusConfig } from '../monitoring/server-configs.ts';
import { startAlertmanager } from './alertmanager.ts';
import type { ServerResult } from './find-server.ts';
import { type RunningPrometheus, startPrometheus } from './prometheus.ts';
import type { ServerProcess } from './server-process.ts';

export interface StartMonitoringOptions {
  objectives: Objectives;
  /** Where the service is, as the servers reach it, without a path. */
  serviceUrl: string;
  /** How people reach the service, for links in alerts. */
  publicUrl: string;
  /** Where Grafana is, for links to dashboards. */
  grafanaUrl?: string;
  /** Whom to tell of alerts; nobody, unless said. */
  notifications?: Notifications;
  /** A folder for the data, configuration and logs of both servers. */
  dataDir: string;
  /** Where each server is, with the port to have (or the next free one); one that is absent is not started. */
  prometheus?: { server: ServerResult; port: number };
  alertmanager?: { server: ServerResult; port: number };
  /** Files with a token each, where the service has tokens: of scope `read`, and of scope `alert`. */
  readTokenFile?: string;
  alertTokenFile?: string;
  say: (line: string) => void;
}

export interface Monitoring {
  prometheus?: RunningPrometheus;
  alertmanager?: ServerProcess;
  stop(): Promise<void>;
}

/**
 * Starts Alertmanager and Prometheus with Andon's rules and routes, as far as they were found.
 * @throws AppError `unavailable` if one does not come up; none is left running then
 */
export async function startMonitoring(options: StartMonitoringOptions): Promise<Monitoring> {
  const { alertmanager: wanted, dataDir } = options;
  const alertmanager = wanted?.server.found
    ? await startAlertmanager({
        server: wanted.server,
        port: wanted.port,
        dataDir: join(dataDir, 'alertmanager'),
        config: (templatesFile) =>
          alertmanagerConfig({ ...options, templatesFile, tokenFile: absolute(options.alertTokenFile) }),
        templates: messageTemplates(options.publicUrl),
        say: options.say,
      })
    : undefined;
  try {
    const prometheus = await startPrometheusWithRules(options, alertmanager);
    return {
      prometheus,
      alertmanager,
      // Prometheus first: without it Alertmanager hears of nothing new.
      stop: async () => {
        await prometheus?.stop();
        await alertmanager?.stop();
      },
    };
  } catch (error) {
    await alertmanager?.stop();
    throw error;
  }
}

async function startPrometheusWithRules(
  options: StartMonitoringOptions,
  alertmanager: ServerProcess | undefined,
): Promise<RunningPrometheus | undefined> {
  const { prometheus: wanted, readTokenFile, say } = options;
  if (!wanted?.server.found) return undefined;
  const folder = join(options.dataDir, 'prometheus');
  const rules = await writeRules(folder, options);
  return startPrometheus({
    server: wanted.server,
    port: wanted.port,
    dataDir: folder,
    say,
    // Four evaluations, as its own default is at 15 s: else what fires before it has found Alertmanager comes a minute late.
    flags: [
      `--rules.alert.resend-delay=${Math.round(4000 * durationSeconds(options.objectives.evaluation_interval))}ms`,
    ],
    config: (prometheusAddress) =>
      prometheusConfig({
        ...options,
        ruleFiles: rules,
        prometheusAddress,
        alertmanagerAddress: alertmanager && `127.0.0.1:${alertmanager.port}`,
        tokenFile: absolute(readTokenFile),
      }),
  });
}

async function writeRules(folder: string, options: StartMonitoringOptions): Promise<string[]> {
  await mkdir(join(folder, 'rules'), { recursive: true });
  return Promise.all(
    ruleFiles(options).map(async ({ path, content }) => {
      const relative = join('rules', basename(path));
      await writeFile(join(folder, relative), content);
      return relative;
    }),
  );
}

/** The servers would take a relative path from the folder of their configuration file. */
function absolute(file: string | undefined): string | undefined {
  return file && resolve(file);
}
