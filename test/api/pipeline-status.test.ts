import { describe, expect, test } from 'vitest';
import { readPipelineStatus } from '../../src/reports/pipeline-status.ts';
import { finishStep, sampleMetric, sampleTask } from '../contract/samples.ts';
import { type StoreUnderTest, stores } from '../contract/stores.ts';

async function claim({ store }: StoreUnderTest, count = 1) {
  return store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: count }, 36_000);
}

function status({ store, now }: StoreUnderTest, limits = { windowSeconds: 6 * 3600, repeatedFailures: 3 }) {
  return readPipelineStatus(store, now, limits);
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
    const { attention, pending } = await status(under);
    expect(attention.blocked.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(attention.flags).toEqual([
      'Task a waits for gone, which is cancelled.',
      'Task b waits for nobody, which does not exist.',
    ]);
    expect(pending).toMatchObject({ count: 2, next: [] });
  });
});
