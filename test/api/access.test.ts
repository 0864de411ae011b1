import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createService } from '../../src/app/service.ts';
import { parseConfig } from '../../src/config.ts';
import { sampleTask } from '../contract/samples.ts';
import { rawRequest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const outcome = { task_id: 'a', task_type: 'impl', duration_seconds: 1, status: 'completed' };
const shell = { direction: 'x', task_type: 'impl', executor: 'shell', context: { command: 'true' } };

test('without tokens reading and reporting are open, and approving is not', async () => {
  const { get, send } = await serviceUnderTest();
  expect((await get('/api/agent/metrics')).status).toBe(200);
  expect((await send('POST', '/api/agent/metrics', outcome)).status).toBe(200);
  const path = '/api/agent/improvements/imp-x/approve';
  expect((await send('POST', path, {})).status).toBe(401);
  expect((await send('POST', path, {}, { token: 'guessed-guessed-guessed' })).status).toBe(401);
  expect((await send('POST', path, {}, { admin: true })).status).toBe(404);
});

test('the admin token is made at the first start, stays, and is the user’s alone', async () => {
  const { folder, adminToken } = await serviceUnderTest();
  const file = join(folder, 'admin-token');
  expect(readFileSync(file, 'utf8').trim()).toBe(adminToken);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('with tokens everything takes one, with the scope for it', async () => {
  const reader = 'reader-token-0123456789';
  const runner = 'runner-token-0123456789';
  const { get, send } = await serviceUnderTest({
    service: {
      tokens: [
        { name: 'grafana', token: reader, scopes: ['read'] },
        { name: 'ci', token: runner, scopes: ['report'] },
      ],
    },
  });
  expect(await get('/api/agent/metrics')).toMatchObject({ status: 401 });
  expect((await get('/metrics')).status).toBe(401);
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/api/agent/metrics', { authorization: `Bearer ${reader}` })).status).toBe(200);
  expect((await send('POST', '/api/agent/metrics', outcome, { token: reader })).status).toBe(403);
  expect((await send('POST', '/api/agent/metrics', outcome, { token: runner })).status).toBe(200);
});

test('a service hands tokens to what runs beside it, each with its one scope, and asks everybody for one', async () => {
  const tokens_dir = join(temporaryFolder(), 'tokens');
  const { get, send, folder, adminToken } = await serviceUnderTest({
    service: { host: '0.0.0.0', tokens_dir },
  });
  const tokenOf = (scope: string) => readFileSync(join(tokens_dir, scope, 'token'), 'utf8').trim();
  const [read, report, alert] = ['read', 'report', 'alert'].map(tokenOf);
  expect(new Set([read, report, alert, adminToken]).size).toBe(4);
  expect(statSync(join(tokens_dir, 'report', 'token')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, 'alert-token'))).toBe(false);

  expect((await get('/api/agent/metrics')).status).toBe(401);
  expect((await get('/metrics', { authorization: `Bearer ${read}` })).status).toBe(200);
  expect((await send('POST', '/api/agent/metrics', outcome, { token: report })).status).toBe(200);
  expect((await send('POST', '/api/agent/metrics', outcome, { token: read })).status).toBe(403);
  expect((await send('POST', '/api/alerts', {}, { token: report })).status).toBe(403);
  expect((await send('POST', '/api/alerts', {}, { token: alert })).status).toBe(400);
});

test('without tokens only loopback is listened on', async () => {
  const config = parseConfig({ data_dir: temporaryFolder(), service: { host: '0.0.0.0', port: 0 } });
  await expect(createService(config, pino({ level: 'silent' }))).rejects.toMatchObject({ code: 'invalid' });
});

test('shell commands are taken only where configuration allows them, and from an admin', async () => {
  const closed = await serviceUnderTest();
  expect((await closed.send('POST', '/api/agent/tasks', shell, { admin: true })).status).toBe(403);
  const verified = { direction: 'x', task_type: 'impl', verify: ['true'] };
  expect((await closed.send('POST', '/api/agent/tasks', verified, { admin: true })).status).toBe(403);
  const open = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  expect((await open.send('POST', '/api/agent/tasks', shell)).status).toBe(401);
  expect((await open.send('POST', '/api/agent/tasks', shell, { admin: true })).status).toBe(201);
});

test('no other web page can make a request that changes anything', async () => {
  const { url } = await serviceUnderTest();
  const target = `${url}/api/agent/metrics`;
  const body = JSON.stringify(outcome);
  const json = { 'content-type': 'application/json' };
  const post = (headers: Record<string, string>) => rawRequest(target, { method: 'POST', headers, body });
  expect(await post({ ...json, host: 'evil.example' })).toBe(403);
  expect(await post({ ...json, origin: 'https://evil.example' })).toBe(403);
  expect(await post({ ...json, origin: 'null' })).toBe(403);
  expect(await post({ 'content-type': 'text/plain' })).toBe(415);
  expect(await post({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
  expect(await post({ ...json, origin: url })).toBe(200);
});

test('nothing is told to a page that leads its own name here, but that the process lives', async () => {
  const { url } = await serviceUnderTest({ service: { allowed_hosts: ['andon.example'] } });
  const ask = (path: string, host: string) => rawRequest(url + path, { method: 'GET', headers: { host } });
  for (const path of [
    '/api/agent/tasks',
    '/metrics',
    '/openapi.json',
    '/',
    '/runbooks/AgentRepeatedFailures',
  ]) {
    expect(await ask(path, 'evil.example'), path).toBe(403);
    expect(await ask(path, 'andon.example:8000'), path).toBe(200);
    expect(await ask(path, 'localhost:1'), path).toBe(200);
  }
  expect(await ask('/nothing', 'evil.example')).toBe(403);
  expect(await ask('/healthz', 'evil.example')).toBe(200);
  expect(await ask('/readyz', '10.0.0.7:8000')).toBe(200);
});

test('a shell command is run again only by whom may run one; anyone may cancel', async () => {
  const { send, store } = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  const verified = { direction: 'x', task_type: 'impl', verify: ['true'] };
  for (const [id, task] of Object.entries({ shell, verified })) {
    const path = `/api/agent/tasks/${id}`;
    await send('POST', '/api/agent/tasks', { id, ...task }, { admin: true });
    expect((await send('PATCH', path, { priority: 5 })).status).toBe(200);
    expect((await send('PATCH', path, { status: 'cancelled' })).status).toBe(200);
    expect((await send('PATCH', path, { status: 'pending' })).status).toBe(401);
    expect((await send('PATCH', path, { decision: 'yes', priority: 1 })).status).toBe(401);
    expect((await store.tasks.find(id))?.status).toBe('cancelled');
    expect((await send('PATCH', path, { status: 'pending' }, { admin: true })).status).toBe(200);
  }
  await send('POST', '/api/agent/tasks', { id: 'agent', direction: 'x', task_type: 'impl' });
  await send('PATCH', '/api/agent/tasks/agent', { status: 'cancelled' });
  expect((await send('PATCH', '/api/agent/tasks/agent', { status: 'pending' })).status).toBe(200);
});

test('an approved improvement’s command is run again only by an admin, whatever the API takes', async () => {
  const { send, store } = await serviceUnderTest();
  await store.tasks.create(sampleTask({ id: 'mend', origin: 'improvement:imp-1', executor: 'shell' }));
  await store.tasks.create(sampleTask({ id: 'sent', origin: 'api', executor: 'shell' }));
  for (const id of ['mend', 'sent']) await send('PATCH', `/api/agent/tasks/${id}`, { status: 'cancelled' });
  const again = { status: 'pending' };
  expect((await send('PATCH', '/api/agent/tasks/mend', again)).status).toBe(401);
  expect((await send('PATCH', '/api/agent/tasks/mend', again, { admin: true })).status).toBe(200);
  expect((await send('PATCH', '/api/agent/tasks/sent', again, { admin: true })).status).toBe(403);
});
