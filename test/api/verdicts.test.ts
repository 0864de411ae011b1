import { expect, test } from 'vitest';
import { serviceUnderTest } from '../service-under-test.ts';

const run = (task_id: string, changes: object = {}) => ({
  task_id,
  task_type: 'impl',
  executor: 'codex',
  project: 'shop',
  duration_seconds: 60,
  status: 'completed',
  cost_usd: 1.5,
  billing: 'metered',
  ...changes,
});
const verdictPath = (id: string) => `/api/agent/tasks/${encodeURIComponent(id)}/verdict`;

test('a run that somebody else measured is judged like a task, and its cost is one of accepted work', async () => {
  const { get, send } = await serviceUnderTest();
  await send('POST', '/api/agent/metrics', [run('exec-1'), run('ci/4711'), run('open', { cost_usd: 3 })]);
  const url = 'https://example.test/pull/7';
  const judged = await send('POST', verdictPath('exec-1'), { verdict: 'accepted', pull_request: url });
  expect(judged).toMatchObject({
    status: 200,
    body: { id: 'exec-1', project: 'shop', executor: 'codex', verdict: 'accepted', pull_request: url },
  });
  expect((await send('POST', verdictPath('ci/4711'), { verdict: 'accepted' })).status).toBe(200);
  expect((await get('/api/agent/metrics')).body).toMatchObject({
    verdicts: { accepted: 2, rejected: 0, reverted: 0, none: 1 },
    usage: { cost_usd: 6, cost_per_completed_task_usd: 2, cost_per_accepted_task_usd: 3 },
  });
  expect((await get('/api/agent/metrics?project=blog')).body).toMatchObject({ verdicts: { accepted: 0 } });
  await send('POST', verdictPath('ci/4711'), { verdict: 'reverted' });
  expect((await get('/api/agent/metrics')).body).toMatchObject({
    verdicts: { accepted: 1, reverted: 1, none: 1 },
    usage: { cost_per_accepted_task_usd: 6 },
  });
});

test('what is not known is 404, what failed a conflict, and what is no verdict invalid', async () => {
  const { get, send } = await serviceUnderTest();
  await send('POST', '/api/agent/metrics', run('bad', { status: 'failed' }));
  const accepted = { verdict: 'accepted' };
  expect(await send('POST', verdictPath('nobody'), accepted)).toMatchObject({
    status: 404,
    body: { detail: 'there is no task nobody, and no run with that id was recorded' },
  });
  expect(await send('POST', verdictPath('bad'), accepted)).toMatchObject({
    status: 409,
    body: { detail: 'a verdict is about completed work, and run bad is failed' },
  });
  expect((await send('POST', verdictPath('bad'), { verdict: 'fine' })).status).toBe(400);
  expect((await send('POST', verdictPath('x'.repeat(201)), accepted)).status).toBe(400);
  expect((await get('/api/agent/metrics')).body).toMatchObject({ verdicts: { accepted: 0, none: 0 } });
});

test('a task of ours is not made under the id of such a run', async () => {
  const { send } = await serviceUnderTest();
  await send('POST', '/api/agent/metrics', run('exec-1'));
  const request = { id: 'exec-1', direction: 'x', task_type: 'impl' };
  expect(await send('POST', '/api/agent/tasks', request)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('take another id') },
  });
});
