import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { pageSchema } from '../../src/api/paging.ts';
import { apiClientFor } from '../../src/app/api-client.ts';
import { type Instance, startInstance } from '../../src/app/instance.ts';
import { parseConfig } from '../../src/config.ts';
import { improvement } from '../../src/domain/improvement.ts';
import { task } from '../../src/domain/task.ts';
import { alerts } from '../../src/stack/prometheus-client.ts';
import { neededServer } from '../needed-server.ts';
import { until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

const tasks = pageSchema(task);
const improvements = pageSchema(improvement);

async function instanceIn(folder: string): Promise<Instance> {
  for (const server of ['prometheus', 'alertmanager'] as const) neededServer(server);
  const config = parseConfig({
    data_dir: join(folder, 'data'),
    service: { port: 0, allow_shell_tasks: true },
    runner: { id: 'e2e', executors: ['shell'], metrics_port: 0, poll_seconds: 0.2, grace_seconds: 1 },
    improvements: {
      task: {
        executor: 'shell',
        command: 'echo fixed > part && cat part',
        repo: join(folder, 'repo'),
        max_attempts: 1,
      },
    },
    monitoring: { profile: 'demo', prometheus: { port: 0 }, alertmanager: { port: 0 } },
  });
  const instance = await startInstance(config, {
    logger: pino({ level: 'silent' }),
    env: process.env,
    say: () => {},
  });
  onTestFinished(() => instance.close());
  return instance;
}

test('a failing task type becomes one alert, one proposal, one task that mends it, and the tasks pass', async () => {
  const folder = temporaryFolder();
  const repo = join(folder, 'repo');
  mkdirSync(repo);
  writeFileSync(join(repo, 'part'), 'broken\n');
  const { service, monitoring } = await instanceIn(folder);
  const client = apiClientFor(service.url, () => service.adminToken);
  const queue = (direction: string) =>
    client.post(
      '/api/agent/tasks',
      {
        direction,
        task_type: 'test',
        project: 'e2e',
        executor: 'shell',
        repo,
        max_attempts: 1,
        context: { command: 'grep -q fixed part || { echo "part is broken" >&2; exit 1; }' },
      },
      task,
    );
  const failing = await Promise.all(['one', 'two', 'three', 'four'].map(queue));
  const list = (query: string) => client.get(`/api/agent/tasks?${query}`, tasks);
  await until(
    () => list('status=failed'),
    ({ items }) => items.length === 4,
    { seconds: 20, what: 'four failures' },
  );

  const url = monitoring.prometheus?.url ?? '';
  await until(
    () => alerts(url),
    (firing) =>
      firing.some(({ labels, state }) => labels.alertname === 'AgentRepeatedFailures' && state === 'firing'),
    { seconds: 40, what: 'Prometheus fires AgentRepeatedFailures' },
  );
  const proposed = await until(
    () => client.get('/api/agent/improvements', improvements),
    ({ items }) => (items[0]?.calls ?? 0) >= 3,
    { seconds: 30, what: 'Alertmanager has called three times' },
  );
  expect(proposed.items).toMatchObject([
    { state: 'proposed', alert: 'AgentRepeatedFailures', subject: { project: 'e2e', task_type: 'test' } },
  ]);
  const id = proposed.items[0]?.id;
  expect(readFileSync(join(repo, 'part'), 'utf8')).toBe('broken\n');

  const { task_id } = await client.post(`/api/agent/improvements/${id}/approve`, {}, improvement);
  const done = await until(
    () => client.get(`/api/agent/improvements/${id}`, improvement),
    ({ state }) => state !== 'scheduled',
    { seconds: 20, what: 'the improvement is done' },
  );
  expect(done.state).toBe('done');
  expect(await client.get(`/api/agent/tasks/${task_id}`, task)).toMatchObject({
    status: 'completed',
    origin: `improvement:${id}`,
    runner: 'e2e',
  });
  expect(readFileSync(join(repo, 'part'), 'utf8')).toBe('fixed\n');
  const log = readFileSync(join(folder, 'data/logs', `task_${task_id}.log`), 'utf8')
    .trimEnd()
    .split('\n');
  expect(log.at(-1)).toMatch(/^# duration_seconds=\d+(\.\d+)? exit=0 status=completed$/);

  for (const { id } of failing) await client.patch(`/api/agent/tasks/${id}`, { status: 'pending' }, task);
  await until(
    () => list('status=completed&task_type=test'),
    ({ items }) => items.length === 4,
    {
      seconds: 20,
      what: 'the tasks pass',
    },
  );
  // The alert still fires for a while, and Alertmanager still calls: nothing new comes of it.
  expect((await client.get('/api/agent/improvements', improvements)).items).toHaveLength(1);
}, 120_000);

test('what was started is ended, and what it has done is there at the next start', async () => {
  const folder = temporaryFolder();
  const first = await instanceIn(folder);
  const pids = [first.monitoring.prometheus?.pid, first.monitoring.alertmanager?.pid];
  const client = apiClientFor(first.service.url, () => first.service.adminToken);
  const body = { direction: 'x', task_type: 'impl', executor: 'shell', context: { command: 'true' } };
  const { id } = await client.post('/api/agent/tasks', body, task);
  await until(
    () => client.get(`/api/agent/tasks/${id}`, task),
    ({ status }) => status === 'completed',
    {
      seconds: 20,
      what: 'the task is done',
    },
  );
  await first.close();
  for (const pid of pids) expect(pid && existsSync(`/proc/${pid}`)).toBe(false);
  const second = await instanceIn(folder);
  const again = apiClientFor(second.service.url, () => second.service.adminToken);
  expect(await again.get(`/api/agent/tasks/${id}`, task)).toMatchObject({ status: 'completed' });
}, 60_000);
