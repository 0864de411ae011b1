import { expect, test } from 'vitest';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';
import { claim, claimOne, create, finish, movable } from './movable-service.ts';

const usage = { input_uncached: 10, cache_read: 20, cache_write: 0, output: 5 };
const spent = { status: 'completed', cost_usd: 0.5, billing: 'metered', usage };
const summary = async ({ get }: Pick<Awaited<ReturnType<typeof movable>>, 'get'>) =>
  (await get('/api/agent/metrics?window=1d')).body;

test('the same finish many times at once, and again after a restart, is counted once', async () => {
  const data_dir = temporaryFolder();
  const service = await serviceUnderTest({ data_dir });
  await create(service, 't');
  const claimed = await claimOne(service);
  const answers = await Promise.all(Array.from({ length: 20 }, () => finish(service, claimed, spent)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  await service.close();
  const restarted = await serviceUnderTest({ data_dir });
  expect(await finish(restarted, claimed, spent)).toMatchObject({ status: 200, text: answers[0]?.text });
  expect(await summary(restarted)).toMatchObject({
    attempts: { total: 1 },
    success_rate: { completed: 1, total: 1 },
    usage: { cost_usd: 0.5, tokens: { input_uncached: 10, output: 5 } },
  });
});

test('a finish that comes after its lease counts, as long as nobody else has the task', async () => {
  const service = await movable();
  await create(service, 't');
  const late = await claimOne(service);
  await service.pass(3600);
  expect(await finish(service, late, spent)).toMatchObject({ status: 200, body: { final: true } });
  expect(await summary(service)).toMatchObject({ success_rate: { completed: 1, total: 1 } });
});

test('a superseded finish is told so, changes no task, and what it spent is recorded once', async () => {
  const service = await movable();
  await create(service, 't', { max_attempts: 3 });
  const late = await claimOne(service);
  await service.pass(70);
  const current = await claimOne(service, { runner: 'r2' });
  for (let i = 0; i < 3; i++) {
    expect(await finish(service, late, spent)).toMatchObject({
      status: 409,
      body: { reason: 'superseded' },
    });
  }
  expect((await service.get('/api/agent/tasks/t')).body).toMatchObject({
    status: 'running',
    runner: 'r2',
    attempts: [{ error_class: 'lost', cost_usd: 0.5, cost_source: 'reported', usage }, { status: 'running' }],
  });
  expect((await finish(service, current, spent)).status).toBe(200);
  expect(await summary(service)).toMatchObject({
    attempts: { total: 2, by_error_class: { lost: 1 } },
    success_rate: { completed: 1, total: 1 },
    usage: { cost_usd: 1, unpriced_attempts: 0, tokens: { output: 10 } },
  });
});

test('what a runner that stops hands back is taken up at once, spends no attempt and is no failure', async () => {
  const service = await movable();
  await create(service, 't', { max_attempts: 1 });
  const handed = await claimOne(service);
  const killed = { status: 'failed', error_class: 'killed' };
  expect(await finish(service, handed, killed, { hand_back: true })).toMatchObject({
    status: 200,
    body: { final: false, task_status: 'pending' },
  });
  const again = await claimOne(service, { runner: 'r2' });
  expect(again.attempt).toBe(2);
  await finish(service, again, spent);
  expect((await service.get('/api/agent/tasks/t')).body).toMatchObject({
    status: 'completed',
    attempts_spent: 1,
  });
  expect(await summary(service)).toMatchObject({
    success_rate: { completed: 1, failed: 0, total: 1 },
    excluded: { ours: 1 },
  });
});

test('what is handed back goes on being cancelled, if that was asked for', async () => {
  const service = await movable();
  await create(service, 't');
  const handed = await claimOne(service);
  await service.send('PATCH', '/api/agent/tasks/t', { status: 'cancelled' });
  const killed = { status: 'failed', error_class: 'killed' };
  expect(await finish(service, handed, killed, { hand_back: true })).toMatchObject({
    body: { final: true, task_status: 'cancelled' },
  });
  expect((await claim(service)).tasks).toEqual([]);
});

test('the same foreign record many times at once is counted once', async () => {
  const service = await movable();
  const report = { task_id: 'ci-1', task_type: 'impl', duration_seconds: 1, ...spent };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => service.send('POST', '/api/agent/metrics', report)),
  );
  const recorded = answers.map(({ body }) => (body as { recorded: number }).recorded);
  expect(recorded.toSorted()).toEqual([...Array(19).fill(0), 1]);
  expect(await summary(service)).toMatchObject({ attempts: { total: 1 }, usage: { cost_usd: 0.5 } });
});
