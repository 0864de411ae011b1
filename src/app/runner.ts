import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { createExecutors, findExecutors } from '../executors/registry.ts';
import { createRunner, type Runner } from '../runner/runner.ts';
import { createServiceClient } from '../runner/service-client.ts';
import { startTelemetry } from '../telemetry/sdk.ts';
import { version } from '../version.ts';
import { dataPaths } from './data-paths.ts';

export interface StartedRunner {
  runner: Runner;
  metricsUrl: string;
  executors: string[];
  /** Executors whose program was not found, with what to do. */
  missing: { name: string; advice: string }[];
  /** Stops claiming, hands back what does not end within the grace, and closes its metrics. */
  close(graceSeconds?: number): Promise<void>;
}

/** Starts a runner against the service at this address. */
export async function startRunner(
  config: Config,
  options: { serviceUrl: string; token?: string; once?: boolean; logger: Logger; env: NodeJS.ProcessEnv },
): Promise<StartedRunner> {
  const { runner: settings } = config;
  const { logger, env } = options;
  const executors = createExecutors(config.executors);
  const { usable, missing } = await findExecutors(executors, { env, wanted: settings.executors });
  const names = usable.map(({ name }) => name);
  const telemetry = await startTelemetry({
    metricsHost: settings.metrics_host,
    metricsPort: settings.metrics_port,
    exportTraces: config.export_traces,
    serviceVersion: version,
    runner: settings.id,
    executors: names,
  });
  const paths = dataPaths(config);
  const runner = createRunner({
    id: settings.id,
    client: createServiceClient({ url: options.serviceUrl, token: options.token }),
    executors: usable,
    workers: settings.workers,
    projects: settings.projects,
    tags: settings.tags,
    pollSeconds: settings.poll_seconds,
    graceSeconds: settings.grace_seconds,
    once: options.once,
    dataDir: paths.data,
    logsDir: paths.logs,
    env,
    telemetry,
    logger,
  });
  runner.start();
  const close = async (graceSeconds = 0) => {
    await runner.stop({ graceSeconds });
    await telemetry.shutdown();
  };
  return { runner, metricsUrl: telemetry.metricsUrl, executors: names, missing, close };
}
