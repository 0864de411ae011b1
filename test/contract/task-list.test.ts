import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/domain/store.ts';
import type { TaskOrder } from '../../src/domain/task-store.ts';
import { finishStep, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

async function ids(store: Store, order: TaskOrder, limit = 10): Promise<string[]> {
  return (await store.tasks.list({ order, limit })).items.map(({ id }) => id);
}

async function claim(store: Store, count: number) {
  return store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: count }, 3600);
}

describe.each(stores)('$name: lists of tasks', ({ open }) => {
  test('newest first, page by page', async () => {
    const { store, pass } = open();
    for (const id of ['a', 'b', 'c']) {
      await store.tasks.create(sampleTask({ id }));
      pass(1);
    }
    const first = await store.tasks.list({ limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['c', 'b']);
    const second = await store.tasks.list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({ items: [{ id: 'a' }], next_cursor: null });
  });

  test('in the order of a claim: what a claim would hand out, and nothing else', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ id: 'failing', priority: 9, max_attempts: 2 }));
    const [failing] = await claim(store, 1);
    if (!failing) throw new Error('nothing was claimed');
    await store.tasks.finish(finishStep(failing, { status: 'failed', error_class: 'timeout' }));
    await store.tasks.create(sampleTask({ id: 'old' }));
    pass(1);
    await store.tasks.create(sampleTask({ id: 'new' }));
    await store.tasks.create(sampleTask({ id: 'urgent', priority: 5 }));
    await store.tasks.create(sampleTask({ id: 'after', priority: 8, depends_on: ['new'] }));
    const next = await ids(store, 'claim');
    expect(next).toEqual(['urgent', 'old', 'new']);
    expect((await claim(store, 10)).map(({ task }) => task.id)).toEqual(next);
    pass(3600);
    expect(await ids(store, 'claim')).toEqual(['failing']);
  });

  test('by how long they have run, the oldest first, however many run', async () => {
    const { store, pass } = open();
    const started: string[] = [];
    for (let i = 0; i < 26; i++) {
      await store.tasks.create(sampleTask({ id: `t${i}` }));
      started.push(...(await claim(store, 1)).map(({ task }) => task.id));
      pass(1);
    }
    expect(await ids(store, 'oldest_start', 20)).toEqual(started.slice(0, 20));
    expect(await store.tasks.list({ order: 'oldest_start', limit: 20 })).toMatchObject({ next_cursor: null });
  });

  test('by when they ended, not by when they were queued', async () => {
    const { store, pass } = open();
    for (const id of ['first', 'second', 'third']) {
      await store.tasks.create(sampleTask({ id }));
      pass(1);
    }
    const [first, second] = await claim(store, 2);
    if (!first || !second) throw new Error('nothing was claimed');
    await store.tasks.finish(finishStep(second));
    pass(1);
    await store.tasks.update('third', { status: 'cancelled' });
    pass(1);
    await store.tasks.finish(finishStep(first));
    expect(await ids(store, 'last_ended')).toEqual(['first', 'third', 'second']);
  });

  test('those that wait for a decision, queued first comes first', async () => {
    const { store, pass } = open();
    for (const id of ['a', 'b', 'c']) {
      await store.tasks.create(sampleTask({ id }));
      pass(1);
    }
    const [a, b] = await claim(store, 2);
    if (!a || !b) throw new Error('nothing was claimed');
    const asked = { disposition: { status: 'needs_decision', final: false, spent: false } } as const;
    for (const one of [b, a]) await store.tasks.finish({ ...finishStep(one), ...asked });
    expect(await ids(store, 'oldest_decision')).toEqual(['a', 'b']);
  });

  test('those that wait for what will not come', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ id: 'failing', max_attempts: 1 }));
    const [failing] = await claim(store, 1);
    if (!failing) throw new Error('nothing was claimed');
    await store.tasks.finish(finishStep(failing, { status: 'failed', error_class: 'timeout' }));
    await store.tasks.create(sampleTask({ id: 'gone' }));
    await store.tasks.update('gone', { status: 'cancelled' });
    await store.tasks.create(sampleTask({ id: 'waits' }));
    for (const other of ['failing', 'gone', 'missing', 'waits']) {
      await store.tasks.create(sampleTask({ id: `after-${other}`, depends_on: ['waits', other] }));
    }
    expect((await ids(store, 'blocked')).sort()).toEqual(['after-failing', 'after-gone', 'after-missing']);
  });

  test('the digest of a request as it was sent stands for it, whatever the settings made of it', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ timeout_seconds: 60 }), 'as sent');
    expect(await store.tasks.create(sampleTask({ timeout_seconds: 90 }), 'as sent')).toMatchObject({
      created: false,
      task: { timeout_seconds: 60 },
    });
    await expect(store.tasks.create(sampleTask(), 'another')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('by model and variant as the labels of its outcomes are, else as it asks; by error class', async () => {
    const { store } = open();
    const context = { prompt_variant: 'terse' };
    await store.tasks.create(sampleTask({ id: 'ran', model: 'default', max_attempts: 1, context }));
    const [ran] = await claim(store, 1);
    if (!ran) throw new Error('nothing was claimed');
    await store.tasks.finish(
      finishStep(ran, { status: 'failed', error_class: 'timeout', model: 'opus-20260105' }),
    );
    await store.tasks.create(sampleTask({ id: 'asks', model: 'opus[1m]' }));
    await store.tasks.create(
      sampleTask({ id: 'other', model: 'haiku', context: { ...context, skill_version: 'v2' } }),
    );
    const found = async (filter: object) =>
      (await store.tasks.list({ limit: 10, ...filter })).items.map(({ id }) => id).sort();
    expect(await found({ model: 'opus' })).toEqual(['asks', 'ran']);
    expect(await found({ model: 'default' })).toEqual([]);
    expect(await found({ variant: 'prompt:terse' })).toEqual(['ran']);
    expect(await found({ variant: 'prompt:terse,skill:v2' })).toEqual(['other']);
    expect(await found({ variant: 'none', model: 'opus' })).toEqual(['asks']);
    expect(await found({ error_class: 'timeout' })).toEqual(['ran']);
  });
});
