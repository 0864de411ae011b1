import { expect, test } from 'vitest';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';

interface Claimed {
  tasks: { lease_token: string; attempt: number; labels: { model: string } }[];
}

/** Runs one task that asks for this model (none, if undefined) to this outcome, and answers its labels and attempt. */
async function run({ send, get }: ServiceUnderTest, asked: string | undefined, outcome: object) {
  const id = `t-${asked ?? 'default'}`.replaceAll(/[^\w-]/g, '_');
  await send('POST', '/api/agent/tasks', { id, direction: 'x', task_type: 'impl', model: asked });
  const request = { runner: 'r1', executors: ['claude-code'], free_workers: 1 };
  const [claimed] = ((await send('POST', '/api/agent/tasks/claim', request)).body as Claimed).tasks;
  const finished = await send('POST', `/api/agent/tasks/${id}/finish`, {
    lease_token: claimed?.lease_token,
    attempt: claimed?.attempt,
    outcome: { status: 'completed', duration_seconds: 1, ...outcome },
  });
  expect(finished.status).toBe(200);
  const { labels } = finished.body as { labels: { model: string } };
  const task = (await get(`/api/agent/tasks/${id}`)).body as { model: string; attempts: object[] };
  return { label: labels.model, asked: task.model, attempt: task.attempts[0] };
}

const row = (model: string) => ({ model, input_uncached: 1, cache_read: 0, cache_write: 0, output: 1 });

test('what was asked for and what ran are both told, and the label is what was asked for, folded', async () => {
  const service = await serviceUnderTest();
  const alias = await run(service, 'opus[1m]', {
    model: 'claude-opus-5-20260105',
    usage_by_model: [row('claude-opus-5-20260105'), row('claude-haiku-5')],
  });
  expect(alias).toMatchObject({
    label: 'opus',
    asked: 'opus[1m]',
    attempt: { models: ['claude-opus-5-20260105', 'claude-haiku-5'] },
  });
  const own = await run(service, undefined, { model: 'claude-opus-5-20260105' });
  expect(own).toMatchObject({
    label: 'claude-opus-5',
    asked: 'default',
    attempt: { models: ['claude-opus-5-20260105'] },
  });
  const silent = await run(service, 'cursor/auto', {});
  expect(silent).toMatchObject({ label: 'cursor/auto', asked: 'cursor/auto' });
  expect(silent.attempt).not.toHaveProperty('models');
});

test('usage that is not told by model is priced by the model that ran', async () => {
  const service = await serviceUnderTest();
  const usage = { input_uncached: 1_000_000, cache_read: 0, cache_write: 0, output: 0 };
  const { attempt } = await run(service, 'cursor/auto', { model: 'gpt-5', usage, billing: 'metered' });
  expect(attempt).toMatchObject({ models: ['gpt-5'], cost_usd: 1.25, cost_source: 'computed' });
});

test.each(['claude-opus-5', 'claude-opus-5[1m]', 'claude-opus-5-20260105', 'claude-opus-5@20260105[1m]'])(
  'figures are found by %s, as the outcomes are labelled',
  async (asked) => {
    const { get, send } = await serviceUnderTest();
    const report = { task_type: 'impl', duration_seconds: 1, status: 'completed' };
    await send('POST', '/api/agent/metrics', [
      { ...report, task_id: 'a', model: 'claude-opus-5-20260105[1m]' },
      { ...report, task_id: 'b', model: 'claude-opus-5' },
      { ...report, task_id: 'c', model: 'claude-opus-4-20250514' },
    ]);
    const { body } = await get(`/api/agent/metrics?model=${encodeURIComponent(asked)}`);
    expect(body).toMatchObject({ success_rate: { total: 2 }, by_model: { 'claude-opus-5': { count: 2 } } });
  },
);
