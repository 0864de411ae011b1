import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../src/stack/free-port.ts';
import { scratchRepository } from '../scratch-repository.ts';
import { ready } from '../until.ts';
import { type Killable, startKillable } from './killable.ts';
import { processesOf, runVariable } from './left-overs.ts';
import { type ServiceApi, serviceApi } from './service-api.ts';

/** A service and a runner that may be killed at any moment, and what they work on. */
export interface Cluster {
  folder: string;
  dataDir: string;
  /** A git repository for tasks that need one. */
  repo: string;
  /** Where the agents note what they do. */
  journal: string;
  service: Killable;
  runner: Killable;
  workers: number;
  api: ServiceApi;
  /** The processes that live because of this cluster, service and runner apart. */
  otherProcesses(): string[];
  /** Asks runner and service to stop; answers those of their exit codes that are not 0. */
  stop(): Promise<string[]>;
  /** Ends whatever is left. The folder is kept, with what the two have said, if that is wanted. */
  clear(options: { keepFolder: boolean }): Promise<void>;
}

export async function startCluster(workers: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-chaos-'));
  const [dataDir, journal] = [join(folder, 'data'), join(folder, 'journal')];
  const repo = scratchRepository(folder);
  writeFileSync(journal, '');
  const url = `http://127.0.0.1:${await freePort(anyPort())}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(config, stringify(settings(dataDir, url)));
  const mark = crypto.randomUUID();
  const env = { [runVariable]: mark, CHAOS_JOURNAL: journal };
  const service = startKillable('service', ['service', '--config', config], env);
  await ready(url).catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  const runner = startKillable('runner', ['run', '--config', config, '--workers', String(workers)], env);
  const over = new AbortController();
  const stop = async () => {
    const codes = [`runner: ${await runner.stop()}`, `service: ${await service.stop()}`];
    return codes.filter((code) => !code.endsWith(': 0'));
  };
  return {
    folder,
    dataDir,
    repo,
    journal,
    service,
    runner,
    workers,
    api: serviceApi(url, over.signal),
    otherProcesses: () => processesOf(mark, [service.pid, runner.pid]),
    stop,
    async clear({ keepFolder }) {
      over.abort();
      await stop();
      for (const line of processesOf(mark, [])) process.kill(Number.parseInt(line, 10), 'SIGKILL');
      if (!keepFolder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      else
        for (const { name, output } of [service, runner])
          writeFileSync(join(folder, `${name}.log`), output());
    },
  };
}

/** While a killed service is away nobody else is to take its port: neither another run, nor a client's own end. */
function anyPort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}

function settings(data_dir: string, service_url: string) {
  return {
    data_dir,
    log_level: 'info',
    monitoring: { profile: 'demo' },
    service: { port: Number(new URL(service_url).port) },
    // Short ones: what a killed runner had taken comes round again within seconds.
    tasks: {
      lease_seconds: 5,
      last_attempt_grace_seconds: 5,
      backoff_seconds: 0.1,
      longest_backoff_seconds: 1,
    },
    runner: {
      id: 'chaos',
      service_url,
      metrics_port: 0,
      poll_seconds: 0.2,
      grace_seconds: 0.3,
      after_result_seconds: 0.3,
      // What is left has to be a fault.
      keep_failed_hours: 0,
      executors: ['claude-code'],
    },
    executors: { 'claude-code': { command: join(import.meta.dirname, 'agent'), billing: 'metered' } },
  };
}
