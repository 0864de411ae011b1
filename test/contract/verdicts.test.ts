import { describe, expect, test } from 'vitest';
import { countVerdicts, groupsOf } from '../../src/domain/outcome-group.ts';
import type { Store } from '../../src/domain/store.ts';
import { finishStep, sampleMetric, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

const window = { from: 0, to: Number.MAX_SAFE_INTEGER };
const none = { accepted: 0, rejected: 0, reverted: 0, none: 0 };

async function complete(store: Store, outcome: object = {}): Promise<void> {
  const [claimed] = await store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: 1 }, 60);
  if (!claimed) throw new Error('nothing was claimed');
  await store.tasks.finish(finishStep(claimed, outcome));
}

describe.each(stores)('$name: verdicts', ({ open }) => {
  test('are about completed work, and are counted with it', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    await expect(store.tasks.setVerdict('t1', 'accepted')).rejects.toMatchObject({ code: 'conflict' });
    await complete(store);
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({ ...none, none: 1 });
    const where = 'https://example.test/pull/1';
    const accepted = { id: 't1', verdict: 'accepted', pull_request: where };
    expect(await store.tasks.setVerdict('t1', 'accepted', where)).toMatchObject(accepted);
    expect(await store.tasks.find('t1')).toMatchObject(accepted);
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({ ...none, accepted: 1 });
    expect(await store.tasks.setVerdict('t1', 'reverted')).toMatchObject({ pull_request: where });
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({ ...none, reverted: 1 });
  });

  test('are given to runs that are no task here, whatever the id looks like', async () => {
    const under = open();
    const id = 'ci/4711 é';
    await under.store.outcomes.record([sampleMetric({ task_id: id }), sampleMetric({ task_id: 'other' })]);
    expect(await under.store.tasks.setVerdict(id, 'rejected', 'pull/2')).toEqual({
      id,
      attempt: 1,
      task_type: 'impl',
      project: 'shop',
      executor: 'claude-code',
      model: 'opus',
      status: 'completed',
      verdict: 'rejected',
      pull_request: 'pull/2',
    });
    expect(countVerdicts(groupsOf(await under.store.outcomes.summarize(window)))).toEqual({
      ...none,
      rejected: 1,
      none: 1,
    });
    const store = await under.reopen();
    expect(await store.tasks.setVerdict(id, 'accepted')).toMatchObject({ pull_request: 'pull/2' });
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({
      ...none,
      accepted: 1,
      none: 1,
    });
    expect(await store.tasks.find(id)).toBeUndefined();
  });

  test('are refused for what is not known, and for what did not complete', async () => {
    const { store } = open();
    await store.outcomes.record([
      sampleMetric({ task_id: 'failed', status: 'failed' }),
      sampleMetric({ task_id: 'again', final: false }),
      sampleMetric({ task_id: 'worse' }),
      sampleMetric({ task_id: 'worse', attempt: 2, status: 'failed' }),
    ]);
    for (const id of ['failed', 'again', 'worse']) {
      await expect(store.tasks.setVerdict(id, 'accepted'), id).rejects.toMatchObject({ code: 'conflict' });
    }
    await expect(store.tasks.setVerdict('nobody', 'accepted')).rejects.toMatchObject({ code: 'not_found' });
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({ ...none, none: 1 });
  });

  test('are counted where the outcome is: by window and by label', async () => {
    const { store } = open();
    await store.outcomes.record([
      sampleMetric({ task_id: 'a', project: 'shop', created_at: '2026-03-01T00:00:00Z' }),
      sampleMetric({ task_id: 'b', project: 'blog', created_at: '2026-03-01T12:00:00Z' }),
    ]);
    await store.tasks.setVerdict('a', 'accepted');
    await store.tasks.setVerdict('b', 'reverted');
    const count = async (filter: object) =>
      countVerdicts(groupsOf(await store.outcomes.summarize({ ...window, ...filter })));
    expect(await count({ project: 'blog' })).toEqual({ ...none, reverted: 1 });
    expect(await count({ to: Date.parse('2026-03-01T12:00:00Z') })).toEqual({ ...none, accepted: 1 });
  });

  test('stay with the work that they are about when the task runs again', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    await complete(store);
    await store.tasks.setVerdict('t1', 'rejected');
    await store.tasks.update('t1', { status: 'pending' });
    expect(await store.tasks.find('t1')).toMatchObject({ verdict: undefined });
    await expect(store.tasks.setVerdict('t1', 'accepted')).rejects.toMatchObject({ code: 'conflict' });
    await complete(store);
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({
      ...none,
      rejected: 1,
      none: 1,
    });
    await store.tasks.setVerdict('t1', 'accepted');
    expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({
      ...none,
      rejected: 1,
      accepted: 1,
    });
  });

  test('a task is not made under an id that runs are recorded under: its attempts would not be', async () => {
    const { store } = open();
    await store.outcomes.record([sampleMetric({ task_id: 'ci-1' })]);
    await expect(store.tasks.create(sampleTask({ id: 'ci-1' }))).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.tasks.find('ci-1')).toBeUndefined();
  });
});
