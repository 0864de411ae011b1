import { describe, expect, test } from 'vitest';
import { lackOf, type RunnerAsks } from '../../src/domain/runner-asks.ts';
import { sampleTask } from './samples.ts';
import { stores } from './stores.ts';

describe.each(stores)('$name: what runners ask for', ({ open }) => {
  test('is remembered from the last claim, through heartbeats and a restart', async () => {
    const under = open();
    const asks: RunnerAsks = { executors: ['shell', 'codex'], projects: ['shop'], tags: [] };
    await under.store.runners.see('r1', { asks, metrics_url: 'http://127.0.0.1:1/metrics' });
    await under.store.runners.see('r2');
    under.pass(5);
    await under.store.runners.see('r1');
    const store = await under.reopen();
    const [r1, r2] = await store.runners.list(0);
    expect(r1).toEqual({
      runner: 'r1',
      seen_at: under.now(),
      asks,
      metrics_url: 'http://127.0.0.1:1/metrics',
    });
    expect(r2?.asks).toBeUndefined();
    await store.runners.see('r1', { asks: { executors: ['shell'] } });
    expect((await store.runners.list(0))[0]?.asks).toEqual({ executors: ['shell'] });
  });

  test('pending tasks are counted by what they ask of a runner', async () => {
    const { store, now, pass } = open();
    const queued = now();
    await store.tasks.create(sampleTask({ id: 'a' }));
    pass(1);
    await store.tasks.create(sampleTask({ id: 'b', depends_on: ['not-there'] }));
    await store.tasks.create(sampleTask({ id: 'c', tags: ['gpu', 'big'] }));
    await store.tasks.create(sampleTask({ id: 'd', executor: 'codex', project: 'blog', priority: 9 }));
    await store.tasks.create(sampleTask({ id: 'e', executor: 'codex', project: 'blog', priority: 9 }));
    await store.tasks.claim({ runner: 'r1', executors: ['codex'], free_workers: 1 }, 60);
    expect(await store.tasks.countWaiting()).toEqual([
      { executor: 'shell', project: 'shop', tags: [], count: 2, oldest: queued },
      { executor: 'codex', project: 'blog', tags: [], count: 1, oldest: queued + 1000 },
      { executor: 'shell', project: 'shop', tags: ['gpu', 'big'], count: 1, oldest: queued + 1000 },
    ]);
  });

  test.each<RunnerAsks>([
    { executors: ['shell'] },
    { executors: ['codex'] },
    { executors: ['shell', 'codex'], projects: ['blog'] },
    { executors: ['shell'], projects: [] },
    { executors: ['shell'], tags: [] },
    { executors: ['shell'], tags: ['gpu'] },
    { executors: ['shell'], projects: ['shop'], tags: ['big', 'gpu', 'more'] },
  ])('a claim that asks for %j hands out what it is said to take, and nothing else', async (asks) => {
    const { store } = open();
    const tasks = [
      sampleTask({ id: 'plain' }),
      sampleTask({ id: 'gpu', tags: ['gpu'] }),
      sampleTask({ id: 'both', tags: ['gpu', 'big'] }),
      sampleTask({ id: 'blog', project: 'blog' }),
      sampleTask({ id: 'codex', executor: 'codex', tags: [] }),
      sampleTask({ id: 'codex-blog', executor: 'codex', project: 'blog' }),
    ];
    for (const task of tasks) await store.tasks.create(task);
    const expected = tasks.filter(({ tags = [], ...task }) => lackOf(asks, { ...task, tags }) === undefined);
    const claimed = await store.tasks.claim({ runner: 'r1', free_workers: 10, ...asks }, 60);
    expect(claimed.map(({ task }) => task.id).sort()).toEqual(expected.map(({ id }) => id).sort());
  });
});
