import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FoundServer } from './find-server.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface StartAlertmanagerOptions {
  server: FoundServer;
  /** The port to have, or the next free one; 0 is any. */
  port: number;
  dataDir: string;
  /** The content of alertmanager.yml, for the file that the templates are in. */
  config(templatesFile: string): string;
  /** The templates of its messages. */
  templates?: string;
  /** For one of several that share their work, on loopback; alone, unless said. */
  cluster?: AlertmanagerCluster;
  say: (line: string) => void;
}

export interface AlertmanagerCluster {
  /** Its own port for the others. */
  port: number;
  /** The others’ ports. */
  peers: readonly number[];
  /** How long one waits for the one before it to have sent a message, in seconds. */
  peerTimeoutSeconds: number;
}

/** Starts Alertmanager on loopback. @throws AppError `unavailable` with its output if it does not come up */
export async function startAlertmanager(options: StartAlertmanagerOptions): Promise<ServerProcess> {
  const { server, port, config, templates = '', cluster, say } = options;
  const dataDir = resolve(options.dataDir);
  const configFile = join(dataDir, 'alertmanager.yml');
  const templatesFile = join(dataDir, 'andon.tmpl');
  return startServer({
    name: 'alertmanager',
    binary: server.path,
    workingFolder: server.workingFolder,
    dataDir,
    dataArgument: `--storage.path=${join(dataDir, 'state')}`,
    port,
    readyPath: '/-/ready',
    say,
    prepare: async (chosen) => {
      await writeFile(templatesFile, templates);
      // It may hold the secrets of other services.
      await writeFile(configFile, config(templatesFile), { mode: 0o600 });
      return [
        `--config.file=${configFile}`,
        `--web.listen-address=127.0.0.1:${chosen}`,
        ...clusterArguments(cluster),
      ];
    },
  });
}

function clusterArguments(cluster: AlertmanagerCluster | undefined): string[] {
  // Without this it listens for other Alertmanagers on every interface.
  if (!cluster) return ['--cluster.listen-address='];
  return [
    `--cluster.listen-address=127.0.0.1:${cluster.port}`,
    `--cluster.advertise-address=127.0.0.1:${cluster.port}`,
    ...cluster.peers.map((port) => `--cluster.peer=127.0.0.1:${port}`),
    `--cluster.peer-timeout=${cluster.peerTimeoutSeconds}s`,
    '--cluster.settle-timeout=5s',
  ];
}
