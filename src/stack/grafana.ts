import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GrafanaSources, grafanaConfig, grafanaEnvironment } from '../monitoring/grafana-config.ts';
import { firstDashboard, provisioningFolder } from '../monitoring/grafana-provisioning.ts';
import type { FoundGrafana } from './find-grafana.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface StartGrafanaOptions extends Omit<GrafanaSources, 'dashboards'> {
  grafana: FoundGrafana;
  /** The port to have, or the next free one; 0 is any. */
  port: number;
  dataDir: string;
  /** How people reach the service: dashboards link to its pages. */
  publicUrl: string;
  env: NodeJS.ProcessEnv;
  /** Stops its start. */
  signal?: AbortSignal;
  say: (line: string) => void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Starts Grafana on loopback with Andon's dashboards, for anybody on this machine to look at.
 * @throws AppError `unavailable` with its output if it does not come up
 */
export async function startGrafana(options: StartGrafanaOptions): Promise<ServerProcess> {
  const { grafana, port, publicUrl, env, signal, say } = options;
  const dataDir = resolve(options.dataDir);
  const configFile = join(dataDir, 'grafana.ini');
  const dashboards = join(dataDir, 'dashboards');
  const first = join(dashboards, firstDashboard);
  return startServer({
    name: 'grafana',
    binary: grafana.path,
    subcommand: grafana.subcommand,
    dataDir,
    dataArgument: `--config=${configFile}`,
    env: grafanaEnvironment(env, { ...options, dashboards }),
    port,
    readyPath: '/api/health',
    // At its first start it builds its database.
    readySeconds: 90,
    signal,
    say,
    prepare: async (chosen) => {
      await writeDashboards(dashboards, publicUrl);
      const homeDashboard = existsSync(first) ? first : undefined;
      const provisioning = join(root, provisioningFolder);
      await writeFile(configFile, grafanaConfig({ port: chosen, dataDir, provisioning, homeDashboard }));
      return [`--homepath=${grafana.home}`];
    },
  });
}

async function writeDashboards(folder: string, publicUrl: string): Promise<void> {
  // The SDK is large, and needed only where there is a Grafana.
  const { dashboardFiles } = await import('../monitoring/dashboards/dashboard-files.ts');
  await mkdir(folder, { recursive: true });
  const files = dashboardFiles(publicUrl);
  await Promise.all(files.map(({ path, content }) => writeFile(join(folder, basename(path)), content)));
}
