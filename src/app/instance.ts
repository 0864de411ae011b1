import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Config, objectivesOf } from '../config.ts';
import { findServer, type ServerResult } from '../stack/find-server.ts';
import { type Monitoring, startMonitoring } from '../stack/monitoring-stack.ts';
import { dataPaths } from './data-paths.ts';
import { type StartedRunner, startRunner } from './runner.ts';
import { createService, type Service } from './service.ts';

export interface InstanceOptions {
  logger: Logger;
  /** What the agents' processes inherit. */
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** Asked before a server is downloaded; without it that is only said. */
  confirm?: (question: string) => Promise<boolean>;
}

/** Service, runner, Prometheus and Alertmanager on this machine. */
export interface Instance {
  service: Service;
  runner: StartedRunner;
  monitoring: Monitoring;
  /** Servers that are wanted and could not be had. */
  missing: { name: string; reason: string; command: string }[];
  close(): Promise<void>;
}

/** Starts everything, in the order in which each needs the one before. What was started is ended if one fails. */
export async function startInstance(config: Config, options: InstanceOptions): Promise<Instance> {
  const servers = await findServers(config, options);
  const started: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const service = await createService(config, options.logger);
    started.push(() => service.close());
    const monitoring = await startMonitoring(monitoringOptions(config, service, servers, options.say));
    started.push(() => monitoring.stop());
    const runner = await startRunner(config, {
      serviceUrl: service.url,
      token: service.runnerToken,
      logger: options.logger,
      env: options.env,
    });
    started.push(() => runner.close());
    return { service, runner, monitoring, missing: missingServers(servers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Servers = Partial<Record<'prometheus' | 'alertmanager', ServerResult>>;

async function findServers(config: Config, { say, confirm }: InstanceOptions): Promise<Servers> {
  const find = { install: config.install_servers, say, confirm };
  const servers: Servers = {};
  for (const name of ['prometheus', 'alertmanager'] as const) {
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
