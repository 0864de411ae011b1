import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createApi, listen } from '../../src/api/server.ts';
import { taskRoutes } from '../../src/api/tasks.ts';
import { parseConfig } from '../../src/config.ts';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

interface Claimed {
  tasks: { task: { id: string }; attempt: number; lease_token: string; labels: Record<string, string> }[];
}

async function claim({ send }: ServiceUnderTest, executors = ['claude-code']) {
  const { body } = await send('POST', '/api/agent/tasks/claim', { runner: 'r1', executors, free_workers: 1 });
  const [claimed] = (body as Claimed).tasks;
  if (!claimed) throw new Error('nothing was claimed');
  return claimed;
}

/** Makes tasks on a server of the task routes alone, with these executors known. */
async function apiWith({ executors }: { executors: string[] }) {
  const { store, folder } = await serviceUnderTest();
  const routes = taskRoutes({
    tasks: store.tasks,
    defaults: { ...parseConfig({}).tasks, projects: {} },
    allowShell: false,
    executors,
    logsDir: folder,
  });
  const access = { tokens: [], open: true, hosts: [] };
  const app = createApi({ routes, access, logger: pino({ level: 'silent' }), version: '0' });
  const { port, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  onTestFinished(close);
  return async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${port}/api/agent/tasks`;
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
}

test('a script can take a task through its whole life', async () => {
  const service = await serviceUnderTest();
  const { get, send } = service;
  const created = await send('POST', '/api/agent/tasks', {
    direction: 'Add a parser',
    task_type: 'impl',
    context: { prompt_variant: 'terse' },
  });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    status: 'pending',
    executor: 'claude-code',
    project: 'default',
    origin: 'api',
  });
  const { id } = created.body as { id: string };

  const { lease_token, attempt, labels } = await claim(service);
  expect(labels).toMatchObject({ task_type: 'impl', variant: 'prompt:terse' });
  expect((await get(`/api/agent/tasks/${id}`)).body).toMatchObject({
    status: 'running',
    runner: 'r1',
    attempt: 1,
  });
  expect((await send('POST', `/api/agent/tasks/${id}/heartbeat`, { lease_token })).body).toMatchObject({
    cancel: false,
  });

  const finish = {
    lease_token,
    attempt,
    outcome: { status: 'completed', duration_seconds: 12, cost_usd: 0.4, billing: 'metered' },
    log_tail: 'all done\n',
  };
  const finished = await send('POST', `/api/agent/tasks/${id}/finish`, finish);
  expect(finished.body).toEqual({ recorded: true, final: true, task_status: 'completed', labels });
  expect((await send('POST', `/api/agent/tasks/${id}/finish`, finish)).body).toEqual(finished.body);
  const shuffled = Object.fromEntries(Object.entries(finish).reverse());
  expect((await send('POST', `/api/agent/tasks/${id}/finish`, shuffled)).body).toEqual(finished.body);
  const other = { ...finish, outcome: { status: 'failed', error_class: 'timeout', duration_seconds: 12 } };
  expect(await send('POST', `/api/agent/tasks/${id}/finish`, other)).toMatchObject({
    status: 409,
    body: { reason: 'differs' },
  });

  expect((await get(`/api/agent/tasks/${id}/log`)).text).toBe('all done\n');
  expect((await get(`/api/agent/tasks/${id}/log?offset=4`)).text).toBe('done\n');
  await send('POST', `/api/agent/tasks/${id}/verdict`, { verdict: 'accepted' });
  expect((await get(`/api/agent/tasks/${id}`)).body).toMatchObject({
    status: 'completed',
    verdict: 'accepted',
    attempts: [{ attempt: 1, status: 'completed', final: true, duration_seconds: 12 }],
  });
  expect((await get('/api/agent/metrics')).body).toMatchObject({
    verdicts: { accepted: 1 },
    usage: { cost_usd: 0.4, cost_per_accepted_task_usd: 0.4 },
  });
  expect((await get('/api/agent/tasks?status=completed')).body).toMatchObject({
    items: [{ id }],
    next_cursor: null,
  });
});

test('a claim says why there is nothing, and a decision goes through a person', async () => {
  const service = await serviceUnderTest();
  const { send, get } = service;
  const request = { runner: 'r1', executors: ['claude-code'], free_workers: 2 };
  expect((await send('POST', '/api/agent/tasks/claim', request)).body).toEqual({
    tasks: [],
    reason: 'empty',
  });
  await send('POST', '/api/agent/tasks', { id: 'd1', direction: 'Choose', task_type: 'spec' });
  const { lease_token, attempt } = await claim(service);
  await send('POST', '/api/agent/tasks/d1/finish', {
    lease_token,
    attempt,
    decision_prompt: 'SQLite or Redis?',
    outcome: { status: 'completed', duration_seconds: 3 },
  });
  expect((await get('/api/agent/pipeline-status')).body).toMatchObject({
    needs_decision: [{ id: 'd1' }],
    attention: { flags: ['Task d1 waits for a decision.'] },
  });
  const answered = await send('PATCH', '/api/agent/tasks/d1', { decision: 'SQLite' });
  expect(answered.body).toMatchObject({ status: 'pending', context: { decision: 'SQLite' } });
});

test('the log is the runner’s file where it is shared', async () => {
  const data_dir = temporaryFolder();
  const { get, send } = await serviceUnderTest({ data_dir });
  await send('POST', '/api/agent/tasks', { id: 'logged', direction: 'x', task_type: 'impl' });
  expect((await get('/api/agent/tasks/logged/log')).status).toBe(404);
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(data_dir, 'logs'));
  writeFileSync(join(data_dir, 'logs/task_logged.log'), 'one\ntwo\n');
  expect((await get('/api/agent/tasks/logged/log?offset=4')).text).toBe('two\n');
  expect((await get('/api/agent/tasks/logged/log?offset=100')).text).toBe('');
  expect((await get('/api/agent/tasks/..%2Fadmin-token/log')).status).toBe(400);
});

test('the same id twice is the same task, or a conflict', async () => {
  const { send } = await serviceUnderTest();
  const request = { id: 'mine', direction: 'x', task_type: 'impl' };
  expect((await send('POST', '/api/agent/tasks', request)).status).toBe(201);
  expect((await send('POST', '/api/agent/tasks', request)).status).toBe(200);
  expect((await send('POST', '/api/agent/tasks', { ...request, direction: 'y' })).status).toBe(409);
});

test('the same request is the same task after the settings have changed', async () => {
  const data_dir = temporaryFolder();
  const request = { id: 'mine', direction: 'x', task_type: 'impl' };
  const first = await serviceUnderTest({ data_dir });
  expect((await first.send('POST', '/api/agent/tasks', request)).status).toBe(201);
  await first.close();
  const tasks = { executor: 'codex', model: 'o9', timeout_seconds: 77, max_attempts: 5 };
  const second = await serviceUnderTest({ data_dir, tasks });
  expect(await second.send('POST', '/api/agent/tasks', request)).toMatchObject({
    status: 200,
    body: { executor: 'claude-code', max_attempts: 2 },
  });
  expect((await second.send('POST', '/api/agent/tasks', { ...request, priority: 3 })).status).toBe(409);
});

test('a task that could never run is refused: it waits for itself, or there is no such executor', async () => {
  const { send } = await serviceUnderTest();
  const selfish = { id: 'me', direction: 'x', task_type: 'impl', depends_on: ['other', 'me'] };
  expect(await send('POST', '/api/agent/tasks', selfish)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/depends_on' }] },
  });
  await send('POST', '/api/agent/tasks', { ...selfish, depends_on: ['other'] });
  const other = { ...selfish, id: 'other', depends_on: ['me'] };
  expect(await send('POST', '/api/agent/tasks', other)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/depends_on', detail: 'closes the circle other → me → other' }] },
  });
  const api = await apiWith({ executors: ['claude-code', 'shell'] });
  const typo = { direction: 'x', task_type: 'impl', executor: 'cluade' };
  expect(await api(typo)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/executor', detail: 'must be one of claude-code, shell' }] },
  });
  expect(await api({ ...typo, executor: 'claude-code' })).toMatchObject({ status: 201 });
});

test.each([
  ['no direction', { task_type: 'impl' }, '/direction'],
  ['an unknown type', { direction: 'x', task_type: 'dance' }, '/task_type'],
  ['an id that could leave the log folder', { id: '../x', direction: 'x', task_type: 'impl' }, '/id'],
  ['a member that there is not', { direction: 'x', task_type: 'impl', prio: 1 }, ''],
  ['a time limit of nothing', { direction: 'x', task_type: 'impl', timeout_seconds: 0 }, '/timeout_seconds'],
])('a task with %s is refused', async (_name, body, pointer) => {
  const { send, get } = await serviceUnderTest();
  expect(await send('POST', '/api/agent/tasks', body)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer }] },
  });
  expect((await get('/api/agent/tasks')).body).toMatchObject({ items: [] });
});

test('what is not there is 404, and a wrong lease is a conflict', async () => {
  const { get, send } = await serviceUnderTest();
  expect((await get('/api/agent/tasks/nobody')).status).toBe(404);
  expect((await get('/api/agent/nothing')).status).toBe(404);
  expect((await send('PATCH', '/api/agent/tasks/nobody', { priority: 1 })).status).toBe(404);
  await send('POST', '/api/agent/tasks', { id: 't', direction: 'x', task_type: 'impl' });
  expect((await send('POST', '/api/agent/tasks/t/heartbeat', { lease_token: 'x' })).status).toBe(409);
});
