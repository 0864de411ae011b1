import { describe, expect, test } from 'vitest';
import type { ExecutorHold } from '../../src/domain/executor-hold.ts';
import type { ErrorClass } from '../../src/domain/outcome.ts';
import { type PipelineStatus, readPipelineStatus } from '../../src/reports/pipeline-status.ts';
import { finishStep, sampleMetric, sampleTask } from '../contract/samples.ts';
import { type StoreUnderTest, stores } from '../contract/stores.ts';
import { serviceUnderTest } from '../service-under-test.ts';

async function claim({ store }: StoreUnderTest, count = 1) {
  return store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: count }, 36_000);
}

const usual = { windowSeconds: 6 * 3600, repeatedFailures: 3, liveWithinSeconds: 300 };

function status({ store, now }: StoreUnderTest, limits: Partial<typeof usual> = {}) {
  return readPipelineStatus(store, now, { ...usual, ...limits });
}

describe.each(stores)('$name: pipeline status', ({ open }) => {
  test('what has run for too long is seen however much runs beside it', async () => {
    const under = open();
    for (let i = 0; i < 26; i++) {
      await under.store.tasks.create(sampleTask({ id: `t${i}`, timeout_seconds: i === 0 ? 60 : 1000 }));
      await claim(under);
      under.pass(10);
    }
    const { running, attention } = await status(under);
    expect(running).toHaveLength(26);
    expect(running[0]).toMatchObject({ id: 't0', seconds: 260 });
    expect(attention.stuck).toMatchObject([{ id: 't0', seconds: 260 }]);
    expect(attention.flags).toEqual(['Task t0 has run for longer than its time limit.']);
  });

  test('what is next is in the order of a claim, and what is recent in the order of the ends', async () => {
    const under = open();
    for (const [id, priority] of [
      ['slow', 9],
      ['quick', 8],
      ['low', 0],
      ['high', 5],
    ] as const) {
      await under.store.tasks.create(sampleTask({ id, priority }));
      under.pass(1);
    }
    const [slow, quick] = await claim(under, 2);
    if (!slow || !quick) throw new Error('nothing was claimed');
    under.pass(5);
    await under.store.tasks.finish(finishStep(quick));
    under.pass(5);
    await under.store.tasks.finish(finishStep(slow));
    const { pending, recent } = await status(under);
    expect(pending).toMatchObject({ count: 2, next: [{ id: 'high' }, { id: 'low' }] });
    expect(recent).toMatchObject([
      { id: 'slow', seconds: 10 },
      { id: 'quick', seconds: 5 },
    ]);
  });

  test('what we ended ourselves is no repeated failure, and the limits are those that are given', async () => {
    const under = open();
    const failed = (task_id: string, error_class: string) =>
      sampleMetric({
        task_id,
        status: 'failed',
        error_class,
        created_at: new Date(under.now()).toISOString(),
      });
    await under.store.outcomes.record([
      ...['a', 'b', 'c', 'd'].map((id) => failed(id, 'cancelled')),
      ...['e', 'f', 'g'].map((id) => failed(id, 'auth')),
      ...['h', 'i', 'j'].map((id) => failed(id, 'verify_failed')),
    ]);
    const { attention } = await status(under);
    expect(attention.repeated_failures.map(({ error_class, count }) => [error_class, count])).toEqual([
      ['auth', 3],
      ['verify_failed', 3],
    ]);
    expect(attention.flags).toContain('3 impl attempts in shop failed with auth in the last 6 hours.');
    const stricter = await status(under, { windowSeconds: 60, repeatedFailures: 4 });
    expect(stricter.attention.repeated_failures).toEqual([]);
    under.pass(120);
    const later = await status(under, { windowSeconds: 60, repeatedFailures: 1 });
    expect(later.attention.repeated_failures).toEqual([]);
  });

  test('a task that waits for what will not come is flagged, with what that is', async () => {
    const under = open();
    await under.store.tasks.create(sampleTask({ id: 'gone' }));
    await under.store.tasks.update('gone', { status: 'cancelled' });
    await under.store.tasks.create(sampleTask({ id: 'a', depends_on: ['gone'] }));
    await under.store.tasks.create(sampleTask({ id: 'b', depends_on: ['nobody'] }));
    await under.store.runners.see('r1', { asks: { executors: ['shell'] } });
    const { attention, pending } = await status(under);
    expect(attention.blocked.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(attention.flags).toEqual([
      'Task a waits for gone, which is cancelled.',
      'Task b waits for nobody, which does not exist.',
    ]);
    expect(pending).toMatchObject({ count: 2, next: [] });
  });

  test('held executors are told with what to do, and what a pause holds back is not next', async () => {
    const under = open();
    const { store } = under;
    await store.runners.see('r1', { asks: { executors: ['shell', 'codex', 'gemini'] } });
    for (const [id, executor] of [
      ['limited', 'codex'],
      ['login', 'gemini'],
      ['fine', 'shell'],
    ] as const) {
      await store.tasks.create(sampleTask({ id, executor, max_attempts: 1 }));
    }
    const since = new Date(under.now()).toISOString();
    const fail = async (executor: string, error_class: ErrorClass, hold: Partial<ExecutorHold>) => {
      const [claimed] = await store.tasks.claim({ runner: 'r1', executors: [executor], free_workers: 1 }, 60);
      if (!claimed) throw new Error('nothing was claimed');
      const reason = `${error_class}: as it says`;
      const held = { executor, state: 'paused', reason, since, ...hold } as const;
      await store.tasks.finish({ ...finishStep(claimed, { status: 'failed', error_class }), hold: held });
    };
    await fail('codex', 'rate_limited', { until: '2026-03-02T12:30:00.000Z' });
    await fail('gemini', 'auth', { state: 'closed', runner: 'r1' });
    const { attention, pending } = await status(under);
    expect(attention.executors).toEqual([
      expect.objectContaining({ executor: 'codex', state: 'paused', pending: 1 }),
      expect.objectContaining({ executor: 'gemini', state: 'closed', runner: 'r1', pending: 1 }),
    ]);
    expect(attention.untaken).toEqual([]);
    expect(attention.flags).toEqual([
      'Executor codex is paused until 2026-03-02T12:30:00Z (rate_limited: as it says); 1 task of it waits. It goes on by itself then; POST /api/agent/executors/codex/open lets it go on now.',
      'Executor gemini is closed for runner r1 (auth: as it says); 1 task of it waits. To do where r1 runs: log it in, or give it its key. It opens when a probe passes, or by POST /api/agent/executors/gemini/open.',
    ]);
    expect(pending).toMatchObject({ count: 3, next: [{ id: 'fine' }] });
    under.pass(3.5 * 3600);
    await store.runners.see('r1');
    const later = await status(under);
    expect(later.attention.executors.map(({ executor }) => executor)).toEqual(['gemini']);
    under.pass(301);
    // Its runner is gone, and keeps nothing waiting any more.
    expect((await status(under)).attention.executors).toEqual([]);
    expect(later.pending.next.map(({ id }) => id).sort()).toEqual(['fine', 'limited', 'login']);
  });

  test('tasks that no live runner asks for are told by what is lacking', async () => {
    const under = open();
    const { store, pass } = under;
    const make = (id: string, changes: object) => store.tasks.create(sampleTask({ id, ...changes }));
    await make('a', { executor: 'codex' });
    pass(30);
    await make('b', { executor: 'codex' });
    await make('c', { project: 'blog' });
    await make('d', { tags: ['gpu', 'linux'] });
    await make('e', { tags: ['linux'] });
    expect((await status(under)).attention.flags).toEqual([
      '5 tasks wait, and no runner was heard of in the last 5 minutes: start one (andon run).',
    ]);
    await store.runners.see('r1', { asks: { executors: ['shell'], projects: ['shop'], tags: ['linux'] } });
    await store.runners.see('r2', { asks: { executors: ['shell'], projects: ['tea'] } });
    const { untaken, flags } = (await status(under)).attention;
    expect(untaken).toEqual([
      { executor: 'codex', project: 'shop', tags: [], count: 2, oldest_seconds: 30, lack: 'executor' },
      { executor: 'shell', project: 'blog', tags: [], count: 1, oldest_seconds: 0, lack: 'project' },
      {
        executor: 'shell',
        project: 'shop',
        tags: ['gpu', 'linux'],
        count: 1,
        oldest_seconds: 0,
        lack: 'tags',
      },
    ]);
    expect(flags).toEqual([
      '2 tasks of project shop wait for executor codex, which no live runner has: install its program where one is, or name it in runner.executors.',
      '1 task of project blog waits for executor shell, and no live runner that has it takes this project: add it to a runner’s runner.projects.',
      '1 task of project shop waits for executor shell and the tags gpu, linux, which no live runner offers together: add them to a runner’s runner.tags.',
    ]);
    await store.runners.see('r3', { asks: { executors: ['codex', 'shell'] } });
    expect((await status(under)).attention).toMatchObject({ untaken: [], flags: [] });
  });

  test('a runner is alive while it is heard of, and gone once it has left', async () => {
    const under = open();
    const { store, pass } = under;
    await store.tasks.create(sampleTask());
    const untaken = async () => (await status(under)).attention.untaken.map(({ lack }) => lack);
    await store.runners.see('r1', { asks: { executors: ['shell'] } });
    pass(200);
    // By its heartbeat, which does not say again what it asks for.
    await store.runners.see('r1');
    pass(200);
    expect(await untaken()).toEqual([]);
    pass(101);
    expect(await untaken()).toEqual(['runner']);
    await store.runners.see('r1');
    expect(await untaken()).toEqual([]);
    await store.runners.leave('r1');
    expect(await untaken()).toEqual(['runner']);
  });

  test('many kinds of tasks that nobody takes do not fill the page', async () => {
    const under = open();
    await under.store.runners.see('r1', { asks: { executors: ['codex'] } });
    for (let i = 0; i < 25; i++)
      await under.store.tasks.create(sampleTask({ id: `t${i}`, project: `p${i}` }));
    const { untaken, flags } = (await status(under)).attention;
    expect(untaken).toHaveLength(20);
    expect(flags).toHaveLength(11);
    expect(flags.at(-1)).toBe('15 more kinds of tasks are taken by no live runner.');
  });
});

test('what a runner asked for in its claims is what is known of it', async () => {
  const { get, send } = await serviceUnderTest();
  const attention = async () => ((await get('/api/agent/pipeline-status')).body as PipelineStatus).attention;
  await send('POST', '/api/agent/tasks', { direction: 'x', task_type: 'impl', executor: 'gemini' });
  expect(await attention()).toMatchObject({ untaken: [{ executor: 'gemini', lack: 'runner' }] });
  const claim = { runner: 'r1', executors: ['codex'], free_workers: 1 };
  await send('POST', '/api/agent/tasks/claim', claim);
  expect(await attention()).toMatchObject({ untaken: [{ executor: 'gemini', lack: 'executor' }] });
  const other = { runner: 'r2', executors: ['gemini'], projects: ['default'], free_workers: 0 };
  await send('POST', '/api/agent/tasks/claim', other);
  expect(await attention()).toMatchObject({ untaken: [], executors: [], flags: [] });
  await send('POST', '/api/agent/runners/r2/leave', {});
  expect(await attention()).toMatchObject({ untaken: [{ executor: 'gemini', lack: 'executor' }] });
});
