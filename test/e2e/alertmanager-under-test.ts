import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { type AlertmanagerCluster, startAlertmanager } from '../../src/stack/alertmanager.ts';
import { neededServer } from '../needed-server.ts';
import { temporaryFolder } from '../service-under-test.ts';

export interface RouteUnderTest {
  group_by: string[];
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  /** The label that the group's key names besides those of `group_by`. */
  matchers?: string[];
}

export interface AlertmanagerUnderTest {
  url: string;
  /** Tells it of alerts, as Prometheus does. */
  post(alerts: PostedAlert[]): Promise<void>;
  /** Takes another route, as after an edit of its file. */
  reload(route: RouteUnderTest): Promise<void>;
}

export interface PostedAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
}

/** A real Alertmanager that calls this webhook with this token, until the test has finished. */
export async function alertmanagerUnderTest(
  webhook: { url: string; token: string; max_alerts?: number },
  route: RouteUnderTest,
  cluster?: AlertmanagerCluster,
): Promise<AlertmanagerUnderTest> {
  const dataDir = temporaryFolder();
  const configOf = (changed: RouteUnderTest) => alertmanagerConfig(webhook, changed);
  const server = await startAlertmanager({
    server: neededServer('alertmanager'),
    port: 0,
    dataDir,
    config: () => configOf(route),
    cluster,
    say: () => {},
  });
  onTestFinished(() => server.stop());
  return {
    url: server.url,
    post: (alerts) => post(`${server.url}/api/v2/alerts`, alerts),
    async reload(changed) {
      writeFileSync(join(dataDir, 'alertmanager.yml'), configOf(changed));
      await post(`${server.url}/-/reload`, undefined);
    },
  };
}

/** One alert of ours, about a project. */
export function ourAlert(project: string, changes: Partial<PostedAlert> = {}): PostedAlert {
  const labels = {
    alertname: 'AgentRepeatedFailures',
    component: 'andon',
    severity: 'warning',
    project,
    task_type: 'test',
  };
  const annotations = {
    summary: 'Agent tasks of one type fail again and again.',
    runbook_url: 'http://localhost:8000/runbooks/AgentRepeatedFailures',
  };
  return { labels, annotations, startsAt: new Date().toISOString(), ...changes };
}

/** The same alert when its condition has cleared. */
export function cleared(alert: PostedAlert): PostedAlert {
  return { ...alert, endsAt: new Date().toISOString() };
}

function alertmanagerConfig(
  { url, token, max_alerts }: { url: string; token: string; max_alerts?: number },
  { matchers, ...route }: RouteUnderTest,
): string {
  const timing = { group_wait: '500ms', group_interval: '1s', repeat_interval: '1h' };
  const leaf = { receiver: 'andon', ...timing, ...route };
  return stringify({
    route: matchers ? { receiver: 'andon', routes: [{ ...leaf, matchers }] } : leaf,
    receivers: [
      {
        name: 'andon',
        webhook_configs: [
          {
            url,
            max_alerts,
            send_resolved: true,
            http_config: { authorization: { type: 'Bearer', credentials: token } },
          },
        ],
      },
    ],
  });
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
