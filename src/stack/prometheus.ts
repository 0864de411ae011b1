import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import type { FoundServer } from './find-server.ts';
import { lastReload } from './prometheus-client.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface StartPrometheusOptions {
  server: FoundServer;
  /** The port to have, or the next free one; 0 is any. */
  port: number;
  dataDir: string;
  /** The content of prometheus.yml, for its own `host:port`, which is known only at the start. */
  config(address: string): string;
  /** How long samples are kept, as a Prometheus duration. */
  retention?: string;
  /** Further flags of the server's. */
  flags?: readonly string[];
  say: (line: string) => void;
}

export interface RunningPrometheus extends ServerProcess {
  /**
   * Makes it read its configuration and rules again.
   * @throws AppError `invalid` if it refuses them; it goes on with the old ones then
   */
  reload(): Promise<void>;
}

/** Starts Prometheus on loopback. @throws AppError `unavailable` with its output if it does not come up */
export async function startPrometheus(options: StartPrometheusOptions): Promise<RunningPrometheus> {
  const { server: found, port, config, retention = '30d', flags = [], say } = options;
  const dataDir = resolve(options.dataDir);
  const configFile = join(dataDir, 'prometheus.yml');
  const server = await startServer({
    name: 'prometheus',
    binary: found.path,
    workingFolder: found.workingFolder,
    dataDir,
    dataArgument: `--storage.tsdb.path=${join(dataDir, 'tsdb')}`,
    port,
    readyPath: '/-/ready',
    say,
    prepare: async (chosen) => {
      const address = `127.0.0.1:${chosen}`;
      await writeFile(configFile, config(address));
      return [
        `--config.file=${configFile}`,
        `--storage.tsdb.retention.time=${retention}`,
        `--web.listen-address=${address}`,
        ...flags,
      ];
    },
  });
  return { ...server, reload: () => reload(server) };
}

async function reload(server: ServerProcess): Promise<void> {
  const before = await lastReload(server.url);
  server.signal('SIGHUP');
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const now = await lastReload(server.url);
    if (now.at !== before.at) return;
    if (!now.successful && before.successful) break;
    await sleep(25);
  }
  throw new AppError('invalid', `Prometheus did not take its new configuration; ${server.logFile} says why`);
}
