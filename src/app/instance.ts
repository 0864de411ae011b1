import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Config, objectivesOf } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { findServer, type ServerResult } from '../stack/find-server.ts';
import { type Monitoring, startMonitoring } from '../stack/monitoring-stack.ts';
import { dataPaths } from './data-paths.ts';
import { scheduleReports } from './report-schedule.ts';
import { type StartedRunner, startRunner } from './runner.ts';
import { createService, type Service } from './service.ts';

export interface InstanceOptions {
  logger: Logger;
  /** What the agents' processes inherit. */
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** Asked before a server is downloaded; without it that is only said. */
  confirm?: (question: string) => Promise<boolean>;
  /** How many ports the service may try, from its own upwards; 1 unless said. */
  servicePorts?: number;
  /** Stops the start, which ends what it has started and rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Service, runner, Prometheus and Alertmanager on this machine. */
export interface Instance {
  service: Service;
  runner: StartedRunner;
  monitoring: Monitoring;
  /** Servers that are wanted and could not be had. */
  missing: { name: string; reason: string; command: string }[];
  /** Ends everything; what runs has so long to end by itself, 0 unless said. */
  close(graceSeconds?: number): Promise<void>;
}

/** Starts everything, in the order in which each needs the one before. What was started is ended if one fails. */
export async function startInstance(config: Config, options: InstanceOptions): Promise<Instance> {
  const { signal } = options;
  const servers = await findServers(config, options);
  signal?.throwIfAborted();
  const started: ((graceSeconds: number) => Promise<unknown>)[] = [];
  const close = (graceSeconds = 0) => closeAll(started, graceSeconds);
  try {
    const service = await startService(config, options);
    started.push(() => service.close());
    signal?.throwIfAborted();
    const monitoring = await startMonitoring(monitoringOptions(config, service, servers, options.say));
    started.push(() => monitoring.stop());
    const alertmanagerUrl = monitoring.alertmanager?.url;
    started.push(scheduleReports(config, { service, alertmanagerUrl, logger: options.logger }));
    signal?.throwIfAborted();
    const runner = await startRunner(config, {
      serviceUrl: service.url,
      token: service.runnerToken,
      logger: options.logger,
      env: options.env,
    });
    started.push((graceSeconds) => runner.close(graceSeconds));
    signal?.throwIfAborted();
    return { service, runner, monitoring, missing: missingServers(servers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closes the last that was started first, and each even if the one before it failed. */
async function closeAll(
  started: ((graceSeconds: number) => Promise<unknown>)[],
  graceSeconds: number,
): Promise<void> {
  const close = started.pop();
  if (!close) return;
  try {
    await close(graceSeconds);
  } finally {
    await closeAll(started, graceSeconds);
  }
}

/** The port is found by listening on it: whatever is looked up before that may be taken by then. */
async function startService(config: Config, { logger, servicePorts = 1 }: InstanceOptions): Promise<Service> {
  for (let tries = 1; ; tries += 1) {
    const service = { ...config.service, port: config.service.port + tries - 1 };
    try {
      return await createService({ ...config, service }, logger);
    } catch (error) {
      if (tries >= servicePorts || !isPortTaken(error)) throw error;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}

type Servers = Partial<Record<'prometheus' | 'alertmanager', ServerResult>>;

async function findServers(config: Config, { say, confirm, signal }: InstanceOptions): Promise<Servers> {
  const find = { install: config.install_servers, say, confirm, signal };
  const servers: Servers = {};
  for (const name of ['prometheus', 'alertmanager'] as const) {
    signal?.throwIfAborted();
    if (config.monitoring[name].enabled) servers[name] = await findServer(name, find);
  }
  return servers;
}

function monitoringOptions(config: Config, service: Service, servers: Servers, say: (line: string) => void) {
  const paths = dataPaths(config);
  const server = (name: keyof Servers) => {
    const found = servers[name];
    return found && { server: found, port: config.monitoring[name].port };
  };
  return {
    objectives: objectivesOf(config),
    serviceUrl: service.url,
    publicUrl: service.publicUrl,
    grafanaUrl: config.monitoring.grafana_url,
    notifications: config.notifications,
    dataDir: join(paths.data, 'servers'),
    prometheus: server('prometheus'),
    alertmanager: server('alertmanager'),
    readTokenFile: service.runnerToken === undefined ? undefined : paths.readToken,
    alertTokenFile: paths.alertToken,
    say,
  };
}

function missingServers(servers: Servers): Instance['missing'] {
  return Object.entries(servers).flatMap(([name, result]) =>
    result.found ? [] : [{ name, reason: result.reason, command: result.command }],
  );
}
