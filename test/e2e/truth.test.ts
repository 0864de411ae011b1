import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { profiles } from '../../src/monitoring/objectives.ts';
import { prometheusConfig } from '../../src/monitoring/server-configs.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { startPrometheus } from '../../src/stack/prometheus.ts';
import { query } from '../../src/stack/prometheus-client.ts';
import { ledgerMetrics, taskHistograms } from '../../src/telemetry/names.ts';
import { neededServer } from '../needed-server.ts';
import { andon, ready, until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

const finished = ledgerMetrics.tasks_finished.name;
const duration = taskHistograms.duration.name;
/** In each of two halves, of which the second comes after everything was killed. */
const foreignTasks = 20;
const ownTasks = 10;

test('what Prometheus counts is what happened: new series, short tasks, two servers, kill -9 in between', async () => {
  const folder = temporaryFolder();
  const port = await freePort(18_200);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(
    config,
    [
      `data_dir: ${folder}`,
      'log_level: error',
      'monitoring: { profile: demo }',
      `service: { port: ${port}, allow_shell_tasks: true }`,
      `runner: { id: truth, service_url: "${url}", metrics_port: 0, poll_seconds: 0.2, executors: [shell] }`,
    ].join('\n'),
  );
  const start = async () => {
    const service = andon(['service', '--config', config]);
    await ready(url);
    return { service, runner: andon(['run', '--config', config]) };
  };
  let { service, runner } = await start();
  const servers = await Promise.all(['a', 'b'].map((name) => prometheusFor(url, join(folder, name))));

  await work(url, folder, 'first');
  // Killed with series that nobody has seen yet, and others in their hold.
  await Promise.all([service.kill(), runner.kill()]);
  ({ service, runner } = await start());
  await work(url, folder, 'second');

  const expected = 2 * (foreignTasks + ownTasks);
  for (const server of servers) {
    const value = async (expr: string) => (await query(server, expr))[0]?.value ?? 0;
    await until(
      () => value(`sum(${finished})`),
      (sum) => sum === expected,
      { seconds: 30, what: 'all are exported' },
    );
    // An estimate over a few samples is a poor one: let each series have half a minute.
    await until(
      () => value(`min(count_over_time(${finished}[1h]))`),
      (samples) => samples >= 25,
      {
        seconds: 60,
        what: 'enough samples',
      },
    );
    const counted = await value(`sum(increase(${finished}[1h]))`);
    expect(Math.abs(counted / expected - 1)).toBeLessThan(0.05);
    // Each duration is in one histogram, the runner's or the service's, since both started anew.
    const since = `sum(${duration}_count)`;
    expect(await value(since)).toBe(expected / 2);
  }
}, 180_000);

async function prometheusFor(serviceUrl: string, dataDir: string): Promise<string> {
  const server = await startPrometheus({
    server: neededServer('prometheus'),
    port: 0,
    dataDir,
    config: (prometheusAddress) =>
      prometheusConfig({ objectives: profiles.demo, serviceUrl, ruleFiles: [], prometheusAddress }),
    say: () => {},
  });
  onTestFinished(() => server.stop());
  return server.url;
}

/** Foreign outcomes and own tasks, all in label sets that were never seen, each shorter than a scrape interval. */
async function work(url: string, folder: string, half: string): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const token = readFileSync(join(folder, 'admin-token'), 'utf8').trim();
  const post = async (path: string, body: unknown) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
  };
  const outcomes = Array.from({ length: foreignTasks }, (_, i) => ({
    task_id: `${half}-${i}`,
    task_type: i % 2 ? 'impl' : 'spec',
    project: `${half}-foreign`,
    model: `model-${i % 5}`,
    duration_seconds: 0.2,
    status: i % 4 ? 'completed' : 'failed',
  }));
  await post('/api/agent/metrics', outcomes);
  for (let i = 0; i < ownTasks; i++) {
    await post('/api/agent/tasks', {
      direction: 'x',
      task_type: 'test',
      project: `${half}-own`,
      executor: 'shell',
      context: { command: 'true', prompt_variant: `v${i % 3}` },
    });
  }
  await until(
    async () => (await fetch(`${url}/api/agent/metrics?project=${half}-own`)).json() as Promise<Summary>,
    ({ success_rate }) => success_rate.completed === ownTasks,
    { seconds: 30, what: `the ${half} half is done` },
  );
}

interface Summary {
  success_rate: { completed: number };
}
