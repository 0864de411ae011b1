import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { createExecutors, findExecutors } from '../executors/registry.ts';
import { createRunner, type Runner } from '../runner/runner.ts';
import { createServiceClient } from '../runner/service-client.ts';
import { type RunnerTelemetry, startTelemetry, type TelemetryOptions } from '../telemetry/sdk.ts';
import { version } from '../version.ts';
import { dataPaths } from './data-paths.ts';

export interface StartedRunner {
  runner: Runner;
  /** Its name: `runner.id`, with the port of its metrics behind it beside another runner on this host. */
  id: string;
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
  const { id, telemetry } = await startNamed(settings, {
    metricsHost: settings.metrics_host,
    metricsPort: settings.metrics_port,
    exportTraces: config.export_traces,
    serviceVersion: version,
    executors: names,
  });
  const paths = dataPaths(config);
  const runner = createRunner({
    id,
    client: createServiceClient({ url: options.serviceUrl, token: options.token }),
    executors: usable,
    workers: settings.workers,
    projects: settings.projects,
    tags: settings.tags,
    pollSeconds: settings.poll_seconds,
    graceSeconds: settings.grace_seconds,
    firstByteSeconds: settings.first_byte_seconds,
    stallSeconds: settings.stall_seconds,
    afterResultSeconds: settings.after_result_seconds,
    changeExpected: config.tasks.change_expected,
    keepFailedHours: settings.keep_failed_hours,
    once: options.once,
    dataDir: paths.data,
    logsDir: paths.logs,
    logMaxBytes: settings.log_max_bytes,
    promptsDir: settings.prompts_dir,
    skillsDir: settings.skills_dir,
    env,
    telemetry,
    logger,
  });
  runner.start();
  const close = async (graceSeconds = 0) => {
    await runner.stop({ graceSeconds });
    await telemetry.shutdown();
  };
  return { runner, id, metricsUrl: telemetry.metricsUrl, executors: names, missing, close };
}

/**
 * Starts telemetry under the runner's name. A name that was not chosen is the host's, and two runners on one host
 * need two: the one that does not get the metrics port has the port that it got behind its name.
 */
async function startNamed(
  settings: Config['runner'],
  options: Omit<TelemetryOptions, 'runner'>,
): Promise<{ id: string; telemetry: RunnerTelemetry }> {
  const telemetry = await startTelemetry({ ...options, runner: settings.id });
  const port = Number(new URL(telemetry.metricsUrl).port);
  const chosen = settings.id !== hostname().slice(0, 128);
  if (chosen || settings.metrics_port === 0 || port === settings.metrics_port) {
    return { id: settings.id, telemetry };
  }
  // Its resource has the name too, and is made once.
  await telemetry.shutdown();
  const id = `${settings.id.slice(0, 120)}:${port}`;
  return { id, telemetry: await startTelemetry({ ...options, metricsPort: port, runner: id }) };
}
