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
  templates: string;
  say: (line: string) => void;
}

/** Starts Alertmanager on loopback. @throws AppError `unavailable` with its output if it does not come up */
export async function startAlertmanager(options: StartAlertmanagerOptions): Promise<ServerProcess> {
  const { server, port, config, templates, say } = options;
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
        // Without this it listens for other Alertmanagers on every interface.
        '--cluster.listen-address=',
      ];
    },
  });
}
