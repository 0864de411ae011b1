import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allMetrics } from '../../src/telemetry/names.ts';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

test('a store that cannot be opened: /readyz says so, writes answer 503, and the service goes on', async () => {
  const folder = temporaryFolder();
  const blocked = join(folder, 'in-the-way');
  writeFileSync(blocked, 'a file where a folder should be');
  const data_dir = temporaryFolder();
  const { get, send } = await serviceUnderTest({ data_dir, store: `sqlite:${blocked}/andon.db` });
  const ready = await get('/readyz');
  expect(ready.status).toBe(503);
  expect(ready.body).toMatchObject({ status: 503, detail: expect.stringContaining('cannot be opened') });
  expect((await get('/healthz')).status).toBe(200);
  const outcome = { task_id: 'a', task_type: 'impl', duration_seconds: 1, status: 'completed' };
  expect((await send('POST', '/api/agent/metrics', outcome)).status).toBe(503);
  const { readFileSync, rmSync } = await import('node:fs');
  const token = readFileSync(join(data_dir, 'alert-token'), 'utf8').trim();
  expect((await send('POST', '/api/alerts', { alerts: [] }, { token })).status).toBe(503);
  const { text } = await get('/metrics');
  expect(text).toContain('andon_store_up 0');
  // Not known is not 0.
  expect(text).not.toMatch(/^andon_(alerts_unsettled|webhook_last_call_timestamp_seconds) /m);
  // As AndonWebhookFailing reads it.
  expect(text).toContain(
    'andon_http_request_duration_seconds_count{method="POST",route="/api/alerts",status_code="503"} 1',
  );

  rmSync(blocked);
  mkdirSync(blocked);
  expect((await get('/readyz')).status).toBe(200);
  expect((await send('POST', '/api/agent/metrics', outcome)).status).toBe(200);
});

test('a store that is no database is named, and left as it is', async () => {
  const data_dir = temporaryFolder();
  writeFileSync(
    join(data_dir, 'andon.db'),
    'somebody’s notes, not a database at all, and rather longer than a header'.repeat(20),
  );
  const { get } = await serviceUnderTest({ data_dir });
  expect((await get('/readyz')).body).toMatchObject({ detail: expect.stringContaining('andon.db') });
});

test('/metrics exports what it declares, and nothing else', async () => {
  const { get, send } = await serviceUnderTest();
  await send('POST', '/api/agent/tasks', { direction: 'x', task_type: 'impl' });
  await send('POST', '/api/agent/tasks/claim', { runner: 'r1', executors: ['claude-code'], free_workers: 1 });
  const { text, headers } = await get('/metrics');
  expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const declared = allMetrics.filter(({ from }) => from !== 'runner').map(({ name }) => name);
  const exported = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
  const histograms = ['agent_task_duration_seconds', 'agent_task_queue_seconds'];
  expect(exported.sort()).toEqual([...new Set([...declared, ...histograms])].sort());
  expect(text).toContain('agent_tasks{project="default",task_type="impl",status="running"} 1');
  expect(text).toContain('agent_tasks{project="default",task_type="impl",status="pending"} 0');
  expect(text).toMatch(/agent_runner_heartbeat_timestamp_seconds\{runner="r1"\} \d+/);
});

test('runners are found by Prometheus until they leave', async () => {
  const { get, send } = await serviceUnderTest();
  await send('POST', '/api/agent/tasks/claim', {
    runner: 'r1',
    executors: ['shell'],
    free_workers: 0,
    metrics_url: 'http://127.0.0.1:9464/metrics',
  });
  expect((await get('/api/agent/runners/targets')).body).toEqual([
    {
      targets: ['127.0.0.1:9464'],
      labels: { runner: 'r1', __scheme__: 'http', __metrics_path__: '/metrics' },
    },
  ]);
  await send('POST', '/api/agent/runners/r1/leave', {});
  expect((await get('/api/agent/runners/targets')).body).toEqual([]);
});

test('the OpenAPI document tells every route with its schemas', async () => {
  const { get } = await serviceUnderTest();
  const { body } = await get('/openapi.json');
  const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, object>> };
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/api/agent/metrics', '/api/agent/tasks/{id}/finish', '/api/alerts', '/readyz']),
  );
  expect(paths['/api/agent/metrics']?.post).toMatchObject({
    requestBody: { content: { 'application/x-ndjson': {} } },
    'x-scope': 'report',
  });
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((one) => Reflect.get(one, 'operationId')),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('runbooks are served, and nothing beside them', async () => {
  const { get } = await serviceUnderTest();
  expect((await get('/runbooks/AgentRepeatedFailures')).text).toContain('AgentRepeatedFailures');
  expect((await get('/runbooks/NoSuchAlert')).status).toBe(404);
  expect((await get('/runbooks/..%2F..%2Fpackage')).status).toBe(400);
});
