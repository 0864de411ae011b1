import { join } from 'node:path';
import type { Instance } from '../app/instance.ts';
import { messageOf } from '../domain/errors.ts';
import { findGrafana } from '../stack/find-grafana.ts';
import { startGrafana } from '../stack/grafana.ts';

export interface DemoGrafanaOptions {
  /** A folder for its data. */
  folder: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** Stops its start. */
  signal: AbortSignal;
}

/** Grafana, which starts while the story is told. */
export interface DemoGrafana {
  /** Where it is, once it is ready; undefined if it is not to be had. */
  url: Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Starts Grafana if it is on this machine, and says what is off if it is not. The demo goes on without it. */
export async function startDemoGrafana(
  { service, monitoring }: Pick<Instance, 'service' | 'monitoring'>,
  { folder, env, say, signal }: DemoGrafanaOptions,
): Promise<DemoGrafana> {
  const grafana = await findGrafana(env);
  if (!grafana.found) {
    say(`${grafana.reason} Without it there are no dashboards to look at.`);
    say(`  To have it: ${grafana.command}`);
    return { url: Promise.resolve(undefined), stop: async () => {} };
  }
  const starting = startGrafana({
    grafana,
    port: 3000,
    dataDir: join(folder, 'grafana'),
    publicUrl: service.publicUrl,
    prometheusUrl: monitoring.prometheus?.url,
    alertmanagerUrl: monitoring.alertmanager?.url,
    env,
    say,
    signal,
  }).catch((error: unknown) => {
    if (!signal.aborted) say(`Without dashboards: ${messageOf(error)}`);
  });
  return {
    url: starting.then((server) => server?.url),
    stop: async () => (await starting)?.stop(),
  };
}
