import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/domain/store.ts';
import { finishStep, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

const create = (store: Store, id: string, ...depends_on: string[]) =>
  store.tasks.create(sampleTask({ id, depends_on }));

describe.each(stores)('$name: dependencies', ({ open }) => {
  test('a task that would close a circle is refused, and nothing is made of it', async () => {
    const under = open();
    await create(under.store, 'a', 'b');
    await create(under.store, 'b', 'x', 'c');
    const store = await under.reopen();
    await expect(create(store, 'c', 'y', 'a')).rejects.toMatchObject({
      code: 'invalid',
      message: 'task c would wait for itself: c → a → b → c',
      problems: [{ pointer: '/depends_on' }],
    });
    expect(await store.tasks.find('c')).toBeUndefined();
    await create(store, 'c', 'y');
    await expect(create(store, 'y', 'b')).rejects.toThrow('y → b → c → y');
    await expect(create(store, 'self', 'self')).rejects.toThrow('task self depends on itself');
  });

  test('what is no circle is taken: a diamond, a name twice, one after what has completed', async () => {
    const { store } = open();
    await create(store, 'top', 'left', 'right', 'left');
    await create(store, 'left', 'bottom');
    await create(store, 'right', 'bottom');
    await create(store, 'bottom');
    const [claimed] = await store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: 1 }, 60);
    if (!claimed) throw new Error('nothing was claimed');
    await store.tasks.finish(finishStep(claimed));
    expect(await create(store, 'more', 'bottom', 'top')).toMatchObject({ created: true });
    expect(await create(store, 'more', 'bottom', 'top')).toMatchObject({ created: false });
  });

  test('a circle through a long backlog is found, and named by its ends', async () => {
    const { store } = open();
    for (let i = 1; i <= 300; i++) await create(store, `t${i}`, `t${i - 1}`);
    await expect(create(store, 't0', 't300')).rejects.toThrow('… 290 more …');
  });
});
