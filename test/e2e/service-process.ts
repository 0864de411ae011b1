import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, apiClientFor } from '../../src/app/api-client.ts';
import { freePort } from '../../src/stack/free-port.ts';
import type { AndonProcess } from '../andon-process.ts';
import { alertToken } from '../api/alert-payload.ts';
import { andon, ready } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

export interface ServiceProcess extends AndonProcess {
  url: string;
  folder: string;
  alertToken: string;
  client: ApiClient;
}

/** The service as a process of its own: it can be killed, and its memory is its own. Ready when this resolves. */
export async function serviceProcess(folder = temporaryFolder()): Promise<ServiceProcess> {
  const url = `http://127.0.0.1:${await freePort(0)}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(config, `data_dir: ${folder}\nlog_level: error\nservice: { port: ${new URL(url).port} }\n`);
  const service = andon(['service', '--config', config]);
  await ready(url);
  const adminToken = readFileSync(join(folder, 'admin-token'), 'utf8').trim();
  return {
    ...service,
    url,
    folder,
    alertToken: alertToken({ folder }),
    client: apiClientFor(url, () => adminToken),
  };
}

/** How many alerts are not worked off yet, as the service tells Prometheus. */
export async function unsettledAlerts({ client }: Pick<ServiceProcess, 'client'>): Promise<number> {
  return Number(/^andon_alerts_unsettled (\d+)$/m.exec(await client.getText('/metrics'))?.[1]);
}
