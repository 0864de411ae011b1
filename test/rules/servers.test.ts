import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { profiles } from '../../src/monitoring/objectives.ts';
import { alertGroups, ourGroups } from '../../src/monitoring/rule-groups.ts';
import { type Monitoring, startMonitoring } from '../../src/stack/monitoring-stack.ts';
import { alerts, query, targets } from '../../src/stack/prometheus-client.ts';
import { neededServer } from '../needed-server.ts';

/** A service that knows one runner, exports failures, and keeps what its webhook is sent. */
const failures = { count: 0 };
const calls: { authorization?: string; body: string }[] = [];
const token = 'a token for this test';
let service: Server;
let serviceUrl: string;
let dataDir: string;
let monitoring: Monitoring;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'andon-servers-'));
  service = createServer(answer);
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  monitoring = await start();
});

afterAll(async () => {
  await monitoring?.stop();
  service.close();
  service.closeAllConnections();
  await rm(dataDir, { recursive: true, force: true });
});

/** What the service answers; only the runner's own metrics are open to all. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const metrics = request.url === '/metrics' || request.url === '/runner-metrics';
  response.setHeader('content-type', metrics ? 'text/plain; version=0.0.4' : 'application/json');
  if (request.url === '/runner-metrics') {
    response.end('agent_runner_running_tasks{executor="shell"} 1\n');
  } else if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end();
  else if (request.url === '/metrics') response.end(exposition());
  else if (request.url === '/api/agent/runners/targets') {
    const labels = { runner: 'r1', __metrics_path__: '/runner-metrics' };
    response.end(JSON.stringify([{ targets: [new URL(serviceUrl).host], labels }]));
  } else {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      calls.push({ authorization: request.headers.authorization, body });
      response.end('{}');
    });
  }
}

function exposition(): string {
  const labels = 'project="shop",task_type="impl",executor="shell",error_class="verify_failed"';
  return `# TYPE agent_attempts_failed_total counter\nagent_attempts_failed_total{${labels}} ${failures.count}\n`;
}

async function start(): Promise<Monitoring> {
  const tokenFile = join(dataDir, 'token');
  await writeFile(tokenFile, token);
  return startMonitoring({
    objectives: profiles.demo,
    serviceUrl,
    publicUrl: 'http://andon.example/',
    dataDir,
    prometheus: { server: neededServer('prometheus'), port: 0 },
    alertmanager: { server: neededServer('alertmanager'), port: 0 },
    readTokenFile: tokenFile,
    alertTokenFile: tokenFile,
    say: () => {},
  });
}

function pids(): number[] {
  return [monitoring.prometheus?.pid, monitoring.alertmanager?.pid].filter((pid) => pid !== undefined);
}

function running(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const prometheusUrl = () => monitoring.prometheus?.url ?? '';

test('Prometheus finds the service, the runners and Alertmanager', async () => {
  const found = async () => {
    const up = (await targets(prometheusUrl())).filter(({ health }) => health === 'up');
    return up.map(({ scrapePool }) => scrapePool).sort();
  };
  await expect
    .poll(found, { timeout: 15_000 })
    .toEqual(['alertmanager', 'andon', 'andon-runner', 'prometheus']);
});

// What listens where is read from /proc.
test.skipIf(process.platform !== 'linux')('nothing listens but on loopback', async () => {
  const sockets = (await readFile('/proc/net/tcp', 'utf8')) + (await readFile('/proc/net/tcp6', 'utf8'));
  const ports = [monitoring.prometheus?.port ?? 0, monitoring.alertmanager?.port ?? 0];
  for (const port of ports) {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const local = [...sockets.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)];
    expect(local.filter(([, , found]) => found === hex).map(([, address]) => address)).toEqual(['0100007F']);
  }
});

test('an alert fires, and Alertmanager calls with its token', async () => {
  await expect.poll(() => query(prometheusUrl(), 'agent_attempts_failed_total')).not.toEqual([]);
  failures.count = 3;
  const firing = async () =>
    (await alerts(prometheusUrl())).filter(
      ({ state, labels }) => state === 'firing' && labels.alertname !== 'Watchdog',
    );
  await expect.poll(firing, { timeout: 10_000 }).toMatchObject([
    {
      labels: {
        alertname: 'AgentRepeatedFailures',
        severity: 'warning',
        project: 'shop',
        task_type: 'impl',
      },
      annotations: { runbook_url: 'http://andon.example/runbooks/AgentRepeatedFailures' },
      value: 3,
    },
  ]);
  await expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(calls[0]?.authorization).toBe(`Bearer ${token}`);
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ version: '4', receiver: 'andon' });
});

test.each([
  `prometheus_rule_group_rules{rule_group=~"${alertGroups}"}`,
  `prometheus_rule_evaluation_failures_total{rule_group=~"${ourGroups}"}`,
  'prometheus_notifications_alertmanagers_discovered',
  'prometheus_notifications_dropped_total',
  'alertmanager_notifications_failed_total{integration="webhook"}',
  'alertmanager_notifications_total{integration="webhook"}',
])('the servers export what the alerts about them read: %s', async (selector) => {
  await expect.poll(() => query(prometheusUrl(), selector), { timeout: 10_000 }).not.toEqual([]);
});

test('a reload takes new rules, and a broken configuration is refused', async () => {
  const rules = join(dataDir, 'prometheus/rules/andon.recording.yml');
  const rule = (record: string, expr = 'vector(7)') =>
    `groups: [{ name: test, rules: [{ record: "${record}", expr: "${expr}" }] }]\n`;
  await writeFile(rules, rule('test:reloaded:value'));
  await monitoring.prometheus?.reload();
  await expect
    .poll(() => query(prometheusUrl(), 'test:reloaded:value'), { timeout: 5000 })
    .toMatchObject([{ value: 7 }]);
  await writeFile(rules, rule('test:broken:value', 'vector('));
  await expect(monitoring.prometheus?.reload()).rejects.toThrow('did not take its new configuration');
  await writeFile(rules, rule('test:again:value'));
  await monitoring.prometheus?.reload();
});

test('a wrong expression is told from a server that is away', async () => {
  await expect(query(prometheusUrl(), 'sum(')).rejects.toMatchObject({ code: 'invalid' });
  await expect(query('http://127.0.0.1:1', 'up')).rejects.toMatchObject({ code: 'unavailable' });
});

test('stop leaves no process, and the data is there after a new start', async () => {
  const before = pids();
  expect(before.map(running)).toEqual([true, true]);
  await monitoring.stop();
  expect(before.map(running)).toEqual([false, false]);
  monitoring = await start();
  expect(
    await query(prometheusUrl(), 'max_over_time(agent_attempts_failed_total{job="andon"}[5m])'),
  ).toMatchObject([{ value: 3 }]);
});
