import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BudgetStatus } from '../../src/domain/budget.ts';
import type { Task } from '../../src/domain/task.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { storeGauges } from '../../src/telemetry/names.ts';
import { andon, ready, until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

const day = 24 * 3600;
/** In how many seconds what was spent is a day old. */
const slidesIn = 8;

test('a spent budget holds back a real runner, through a crash, an admin’s word and its end, until it is a day old', async () => {
  const folder = temporaryFolder();
  const port = await freePort(18_500);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'andon.yaml');
  writeFileSync(
    config,
    [
      `data_dir: ${folder}`,
      `service: { port: ${port}, allow_shell_tasks: true }`,
      'budget: { daily_usd: 100, projects: { shop: 10, blog: 10 }, throttle: true }',
      `runner: { id: throttled, service_url: "${url}", metrics_port: 0, poll_seconds: 0.1, executors: [shell] }`,
    ].join('\n'),
  );
  let service = andon(['service', '--config', config]);
  await ready(url);
  const runner = andon(['run', '--config', config]);
  const { post, get, text } = client(url, folder);
  const spend = (project: string, task_id: string, cost_usd: number, ago: number) =>
    post('/api/agent/metrics', {
      task_id,
      task_type: 'impl',
      project,
      executor: 'codex',
      duration_seconds: 1,
      status: 'completed',
      cost_usd,
      created_at: new Date(Date.now() - ago * 1000).toISOString(),
    });
  const queue = (id: string, changes: object = {}) =>
    post('/api/agent/tasks', {
      id,
      direction: 'x',
      task_type: 'test',
      project: 'shop',
      executor: 'shell',
      context: { command: 'true' },
      ...changes,
    });
  const find = async (id: string) => (await get(`/api/agent/tasks/${id}`)) as Task;
  const completed = (id: string) =>
    until(
      () => find(id),
      ({ status }) => status === 'completed',
      { seconds: 25, what: `${id} is completed` },
    );
  const budgetOf = async (name: string) => {
    const { budgets } = (await get('/api/agent/budget')) as BudgetStatus;
    const found = budgets.find(({ project }) => project === name);
    if (!found) throw new Error(`there is no budget of ${name}`);
    return found;
  };

  await queue('before');
  await completed('before');
  await spend('shop', 'spent', 12, 60);
  await queue('held');
  // Whoever is claimed after it shows that `held` was passed over.
  await queue('urgent', { critical: true, priority: -1 });
  await queue('other', { project: 'blog', priority: -2 });
  await Promise.all(['urgent', 'other'].map(completed));
  expect(await find('held')).toMatchObject({ status: 'pending' });
  expect(await budgetOf('shop')).toMatchObject({ throttled: true });
  expect(await text('/metrics')).toContain(`${storeGauges.throttled.name}{project="shop"} 1`);

  await service.kill();
  service = andon(['service', '--config', config]);
  await ready(url);
  await queue('urgent-again', { critical: true, priority: -1 });
  await completed('urgent-again');
  expect(await find('held')).toMatchObject({ status: 'pending' });

  const resume = [
    'resume',
    '--for',
    '1h',
    '--project',
    'shop',
    '--reason',
    'the release',
    '--config',
    config,
  ];
  expect(await andon(['budget', ...resume]).ended).toBe(0);
  await completed('held');
  expect(await andon(['budget', 'revoke', '--config', config]).ended).toBe(0);
  expect(await budgetOf('shop')).toMatchObject({ throttled: true });

  // Spent almost a day ago: it resumes by itself, and not before that day is over.
  await spend('blog', 'yesterday', 12, day - slidesIn);
  const { throttled, resumes_at = '' } = await budgetOf('blog');
  expect(throttled).toBe(true);
  await queue('sliding', { project: 'blog' });
  await completed('sliding');
  const { started_at = '' } = await find('sliding');
  expect(Date.parse(started_at)).toBeGreaterThanOrEqual(Date.parse(resumes_at));

  // Once at first, and once after the override; not with each claim, and not again after the crash.
  const told = runner.output().match(/only critical tasks are handed out: project shop has spent/g);
  expect(told).toHaveLength(2);
}, 90_000);

function client(url: string, folder: string) {
  const token = readFileSync(join(folder, 'admin-token'), 'utf8').trim();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return {
    async post(path: string, body: unknown) {
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(response.ok, `${path}: ${response.status}`).toBe(true);
    },
    get: async (path: string): Promise<unknown> => (await fetch(url + path)).json(),
    text: async (path: string) => (await fetch(url + path)).text(),
  };
}
