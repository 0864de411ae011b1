import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { type Config, usualMetricsPort } from '../config.ts';
import { createExecutors, findExecutors } from '../executors/registry.ts';
import { createRunner, type Runner, type RunnerOptions } from '../runner/runner.ts';
import { createServiceClient } from '../runner/service-client.ts';
import { type RunnerTelemetry, startTelemetry } from '../telemetry/sdk.ts';
import { version } from '../version.ts';
import { dataPaths } from './data-paths.ts';
import { ownSecrets } from './own-secrets.ts';

export interface StartedRunner {
  runner: Runner;
  /** Its name: `runner.id`, else one that no other runner on this host has now. */
  id: string;
  metricsUrl: string;
  executors: string[];
  /** Executors whose program was not found, with what to do. */
  missing: Advice[];
  /** Executors that seem to lack something, such as a login, with what to do. */
  doubtful: Advice[];
  /** Stops claiming, hands back what does not end within the grace, and closes its metrics. */
  close(graceSeconds?: number): Promise<void>;
}

interface Advice {
  name: string;
  advice: string;
}

export interface StartRunnerOptions extends Pick<RunnerOptions, 'clock' | 'monotonic' | 'random' | 'once'> {
  serviceUrl: string;
  token?: string;
  logger: Logger;
  env: NodeJS.ProcessEnv;
}

/**
 * Starts a runner against the service at this address. Its processes end with this one, however it ends, as long as it
 * can still do something about it.
 */
export async function startRunner(config: Config, options: StartRunnerOptions): Promise<StartedRunner> {
  const { serviceUrl, token, env, ...given } = options;
  const executors = createExecutors(config.executors);
  const { usable, missing, doubtful } = await findExecutors(executors, {
    env,
    wanted: config.runner.executors,
  });
  const names = usable.map(({ name }) => name);
  const telemetry = await startNamed(config, names);
  const runner = createRunner({
    ...given,
    ...runnerSettings(config),
    id: telemetry.runner,
    client: createServiceClient({ url: serviceUrl, token }),
    executors: usable,
    env,
    ownSecrets: [...ownSecrets(config), ...(token ? [token] : [])],
    telemetry,
  });
  const kill = () => runner.kill();
  process.once('exit', kill);
  runner.start();
  const close = async (graceSeconds = 0) => {
    await runner.stop({ graceSeconds });
    process.off('exit', kill);
    await telemetry.shutdown();
  };
  const { metricsUrl } = telemetry;
  return { runner, id: telemetry.runner, metricsUrl, executors: names, missing, doubtful, close };
}

function runnerSettings(config: Config) {
  const { runner: settings } = config;
  const paths = dataPaths(config);
  return {
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
    dataDir: paths.data,
    logsDir: paths.logs,
    logMaxBytes: settings.log_max_bytes,
    promptsDir: settings.prompts_dir,
    skillsDir: settings.skills_dir,
  };
}

/**
 * Starts telemetry under the runner's name. A name that was not chosen is the host's, and two runners on one host need
 * two: they cannot have the same port for their metrics, so a port that is not the usual one is behind the name.
 */
function startNamed({ runner: settings, export_traces }: Config, names: string[]): Promise<RunnerTelemetry> {
  const byPort = (port: number) => {
    const host = hostname().slice(0, 120);
    return port === usualMetricsPort ? host : `${host}:${port}`;
  };
  return startTelemetry({
    metricsHost: settings.metrics_host,
    metricsName: settings.metrics_name,
    metricsPort: settings.metrics_port,
    exportTraces: export_traces,
    serviceVersion: version,
    runner: settings.id ?? byPort,
    executors: names,
  });
}
