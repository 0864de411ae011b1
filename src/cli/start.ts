import { Command } from 'commander';
import { dataPaths } from '../app/data-paths.ts';
import type { Instance } from '../app/instance.ts';
import type { Config } from '../config.ts';
import { inheritedEnvironment } from '../environment.ts';
import { adviceOn, tellStopping } from './runner-words.ts';
import { confirm, exitIfStopped, isInteractive, listenForStop, say, untilStopped } from './terminal.ts';
import { keepYoungGeneration } from './young-generation.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('Start service, runner, Prometheus and Alertmanager on this machine')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'where everything is kept')
    .option('--port <number>', 'port of the service', Number)
    .option('--workers <number>', 'tasks that are run at the same time', Number)
    .option('--no-servers', 'without Prometheus and Alertmanager')
    .action(async (options: StartOptions) => start(options));
}

interface StartOptions {
  config?: string;
  data?: string;
  port?: number;
  workers?: number;
  servers: boolean;
}

async function start(options: StartOptions): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { startInstance } = await import('../app/instance.ts');
  const { createLogger } = await import('./program-log.ts');
  const config = loadConfig({
    file: options.config,
    overrides: {
      data_dir: options.data,
      'service.port': options.port,
      'runner.workers': options.workers,
      ...(options.servers
        ? {}
        : { 'monitoring.prometheus.enabled': false, 'monitoring.alertmanager.enabled': false }),
    },
  });
  const stop = listenForStop();
  keepYoungGeneration();
  const { signal } = stop;
  const starting = startInstance(config, {
    logger: createLogger(config.log_level),
    env: inheritedEnvironment(),
    say,
    confirm: isInteractive() ? (question) => confirm(question, { signal }) : undefined,
    signal,
  });
  const instance = await exitIfStopped(stop, starting);
  const { runner } = instance.runner;
  const grace = config.runner.stop_grace_seconds;
  try {
    for (const line of summary(config, instance)) say(line);
    await Promise.race([untilStopped(stop), runner.done]);
    tellStopping(runner, stop, grace);
  } finally {
    await instance.close(grace);
  }
}

/** What was started and where, and what is off. */
export function summary(config: Config, { service, runner, monitoring, missing }: Instance): string[] {
  return [
    `Andon            ${service.publicUrl}  (${service.store.describe()})`,
    `Runner           ${runner.metricsUrl}  (${config.runner.workers} workers: ${runner.executors.join(', ')})`,
    ...(monitoring.prometheus ? [`Prometheus       ${monitoring.prometheus.url}`] : []),
    ...(monitoring.alertmanager ? [`Alertmanager     ${monitoring.alertmanager.url}`] : []),
    `Admin token      ${dataPaths(config).adminToken}`,
    ...adviceOn(runner),
    ...missing.flatMap(({ name, reason, command }) => [
      `${reason} Without it ${consequences[name]}`,
      `  To have it: ${command}`,
    ]),
  ];
}

const consequences: Record<string, string> = {
  prometheus: 'nothing is watched: no rules, no alerts, no history.',
  alertmanager: 'no alert reaches anybody, and nothing is proposed.',
};
