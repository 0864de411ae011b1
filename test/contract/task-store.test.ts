import { describe, expect, test } from 'vitest';
import type { ClaimedTask } from '../../src/domain/attempt.ts';
import { lastAttemptGrace } from '../../src/domain/disposition.ts';
import { groupsOf } from '../../src/domain/outcome-group.ts';
import type { Store } from '../../src/domain/store.ts';
import { finishStep, sampleMetric, sampleTask } from './samples.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const window = { from: 0, to: Number.MAX_SAFE_INTEGER };

async function claimOne(store: Store, runner = 'r1'): Promise<ClaimedTask> {
  const [claimed] = await store.tasks.claim({ runner, executors: ['shell'], free_workers: 1 }, 60);
  if (!claimed) throw new Error('nothing was claimed');
  return claimed;
}

/** Lets time pass in which the service lives. */
async function live(under: StoreUnderTest, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    under.pass(Math.min(5, left));
    await under.store.beat();
  }
}

describe.each(stores)('$name: tasks', ({ open }) => {
  test('a task is found as it was created, and the same request again changes nothing', async () => {
    const { store } = open();
    const { task, created } = await store.tasks.create(sampleTask({ context: { prompt_variant: 'terse' } }));
    expect(created).toBe(true);
    expect(task).toMatchObject({
      id: 't1',
      status: 'pending',
      attempt: 0,
      queued_at: '2026-03-02T09:00:00.000Z',
    });
    expect(await store.tasks.find('t1')).toEqual(task);
    expect(await store.tasks.create(sampleTask({ context: { prompt_variant: 'terse' } }))).toEqual({
      task,
      created: false,
    });
    await expect(store.tasks.create(sampleTask({ direction: 'Something else' }))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.tasks.find('nobody')).toBeUndefined();
  });

  test('claims go by priority, then age, never past the free workers, and no task is handed out twice', async () => {
    const { store, pass } = open();
    for (const [id, priority] of [
      ['old', 0],
      ['new', 0],
      ['urgent', 5],
    ] as const) {
      await store.tasks.create(sampleTask({ id, priority }));
      pass(1);
    }
    const request = { runner: 'r1', executors: ['shell'], free_workers: 2 };
    expect((await store.tasks.claim(request, 60)).map(({ task }) => task.id)).toEqual(['urgent', 'old']);
    expect((await store.tasks.claim(request, 60)).map(({ task }) => task.id)).toEqual(['new']);
    expect(await store.tasks.claim(request, 60)).toEqual([]);
    expect(await store.tasks.claim({ ...request, free_workers: 0 }, 60)).toEqual([]);
  });

  test('a runner gets only what it can run: its executors, its projects, its tags', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ id: 'gpu', tags: ['gpu'] }));
    const request = { runner: 'r1', executors: ['shell'], free_workers: 5 };
    expect(await store.tasks.claim({ ...request, executors: ['codex'] }, 60)).toEqual([]);
    expect(await store.tasks.claim({ ...request, projects: ['blog'] }, 60)).toEqual([]);
    expect(await store.tasks.claim({ ...request, tags: ['linux'] }, 60)).toEqual([]);
    expect(
      await store.tasks.claim({ ...request, projects: ['shop'], tags: ['gpu', 'linux'] }, 60),
    ).toHaveLength(1);
  });

  test('a task waits for those it depends on, and its time in the queue begins when they are done', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ id: 'first' }));
    await store.tasks.create(sampleTask({ id: 'second', depends_on: ['first'] }));
    const claimed = await claimOne(store);
    expect(claimed.task.id).toBe('first');
    expect(await store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: 1 }, 60)).toEqual([]);
    expect(await store.tasks.listAges()).toEqual([expect.objectContaining({ oldest_pending: undefined })]);
    pass(100);
    await store.tasks.finish(finishStep(claimed));
    expect((await claimOne(store)).task.id).toBe('second');
  });

  test('a finish is recorded once: the same again changes nothing, and of two different ones the first stands', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    const claimed = await claimOne(store);
    const first = await store.tasks.finish(finishStep(claimed));
    expect(first).toMatchObject({ kind: 'recorded', final: true, task: { status: 'completed' } });
    expect(await store.tasks.finish(finishStep(claimed))).toMatchObject({ kind: 'repeated', final: true });
    const other = finishStep(claimed, { status: 'failed', error_class: 'timeout' });
    expect(await store.tasks.finish(other)).toMatchObject({ kind: 'differs', task: { status: 'completed' } });
    expect(
      groupsOf(await store.outcomes.summarize(window)).map(({ count, status }) => [count, status]),
    ).toEqual([[1, 'completed']]);
  });

  test('a failed attempt is tried again after its back-off, and the last one is final', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask());
    const failure = { status: 'failed', error_class: 'nonzero_exit' } as const;
    const first = await store.tasks.finish(finishStep(await claimOne(store), failure));
    expect(first).toMatchObject({ final: false, task: { status: 'pending', attempts_spent: 1 } });
    expect(await store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: 1 }, 60)).toEqual([]);
    pass(30);
    const second = await store.tasks.finish(finishStep(await claimOne(store), failure));
    expect(second).toMatchObject({ final: true, task: { status: 'failed', attempts_spent: 2, attempt: 2 } });
    expect((await store.tasks.listAttempts('t1')).map(({ attempt, final }) => [attempt, final])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  test('a provider’s limit spends no attempt', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ max_attempts: 1 }));
    const result = await store.tasks.finish(
      finishStep(await claimOne(store), { status: 'failed', error_class: 'rate_limited' }),
    );
    expect(result).toMatchObject({ final: false, task: { status: 'pending', attempts_spent: 0 } });
  });

  test('a lease that runs out gives the task back, and a late finish still counts while nobody else has it', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask());
    const claimed = await claimOne(store);
    pass(30);
    await store.tasks.heartbeat('t1', claimed.lease_token, 60);
    pass(59);
    expect(await store.tasks.expireLeases()).toBe(0);
    pass(2);
    expect(await store.tasks.expireLeases()).toBe(1);
    expect(await store.tasks.find('t1')).toMatchObject({ status: 'pending', attempt: 1 });
    expect(await store.tasks.finish(finishStep(claimed))).toMatchObject({
      kind: 'recorded',
      task: { status: 'completed' },
    });
  });

  test('once another runner has the task, a late finish is superseded and only what it spent is recorded', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ executor: 'shell', max_attempts: 3 }));
    const late = await claimOne(store, 'r1');
    pass(61);
    await store.tasks.expireLeases();
    const current = await claimOne(store, 'r2');
    expect(current.attempt).toBe(2);
    await expect(store.tasks.heartbeat('t1', late.lease_token, 60)).rejects.toMatchObject({
      code: 'conflict',
    });
    const spent = {
      cost_usd: 0.5,
      usage: { input_uncached: 10, cache_read: 20, cache_write: 0, output: 5 },
    };
    expect(await store.tasks.finish(finishStep(late, spent))).toMatchObject({
      kind: 'superseded',
      task: { status: 'running', attempt: 2 },
    });
    await store.tasks.finish(finishStep(late, spent));
    expect(groupsOf(await store.outcomes.summarize(window))).toEqual([
      expect.objectContaining({
        status: 'failed',
        error_class: 'lost',
        final: false,
        cost_usd: 0.5,
        output: 5,
      }),
    ]);
    expect(await store.tasks.finish(finishStep(current))).toMatchObject({ kind: 'recorded' });
  });

  test('the last attempt of a task may report late for a while, and is lost then', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ id: 'late', max_attempts: 1 }));
    const late = await claimOne(store);
    pass(600);
    await store.tasks.expireLeases();
    expect(await store.tasks.finish(finishStep(late))).toMatchObject({ kind: 'recorded' });
    await store.tasks.create(sampleTask({ id: 'dead', max_attempts: 1 }));
    await claimOne(store);
    pass(60 + lastAttemptGrace + 1);
    await store.tasks.expireLeases();
    expect(await store.tasks.find('dead')).toMatchObject({ status: 'failed', error_class: 'lost' });
  });

  test('how long it may is for the caller to say', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ id: 'short', max_attempts: 1 }));
    await claimOne(store);
    pass(65);
    await store.tasks.expireLeases(10);
    expect(await store.tasks.find('short')).toMatchObject({ status: 'running' });
    pass(6);
    await store.tasks.expireLeases(10);
    expect(await store.tasks.find('short')).toMatchObject({ status: 'failed', error_class: 'lost' });
  });

  test('an attempt without a word for months ends nothing but itself', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ id: 'ancient', max_attempts: 1 }));
    await claimOne(store);
    await store.tasks.create(sampleTask({ id: 'waiting' }));
    pass(60 * 24 * 3600);
    await store.tasks.expireLeases();
    expect(await store.tasks.find('ancient')).toMatchObject({ status: 'failed', error_class: 'lost' });
    expect(await store.tasks.finish(finishStep(await claimOne(store)))).toMatchObject({ kind: 'recorded' });
  });

  test('the time in the queue after a lost attempt begins when its lease ran out', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask());
    await claimOne(store);
    pass(3600);
    await store.tasks.expireLeases();
    pass(7);
    expect((await claimOne(store)).queue_seconds).toBe(7);
  });

  test.each([
    ['fails and would be tried again', { status: 'failed', error_class: 'nonzero_exit' }],
    ['meets a provider’s limit', { status: 'failed', error_class: 'rate_limited' }],
  ] as const)('a cancelled attempt that %s ends the task', async (_how, outcome) => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    const claimed = await claimOne(store);
    await store.tasks.update('t1', { status: 'cancelled' });
    const result = await store.tasks.finish(finishStep(claimed, outcome));
    expect(result).toMatchObject({ kind: 'recorded', final: true, task: { status: 'cancelled' } });
    expect(await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60)).toEqual([]);
  });

  test('a cancelled task whose runner died is cancelled, and no failure of the task', async () => {
    const { store, pass } = open();
    await store.tasks.create(sampleTask({ max_attempts: 1 }));
    await claimOne(store);
    await store.tasks.update('t1', { status: 'cancelled' });
    pass(61);
    await store.tasks.expireLeases();
    expect(await store.tasks.find('t1')).toMatchObject({ status: 'cancelled' });
    expect(groupsOf(await store.outcomes.summarize(window))).toMatchObject([
      { error_class: 'cancelled', final: true },
    ]);
  });

  test('nobody but its runner says what came of a task', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    const claimed = await claimOne(store);
    expect(await store.outcomes.record([sampleMetric({ task_id: 't1' })])).toMatchObject([
      { result: 'own_task' },
    ]);
    await store.tasks.finish(finishStep(claimed, { status: 'failed', error_class: 'auth' }));
    expect(groupsOf(await store.outcomes.summarize(window))).toMatchObject([{ status: 'failed', count: 1 }]);
  });

  test('the lease’s clock stands still while the service is away', async () => {
    const under = open();
    await under.store.tasks.create(sampleTask());
    const claimed = await claimOne(under.store);
    await under.store.beat();
    under.pass(3600);
    const store = await under.reopen();
    await store.resume();
    expect(await store.tasks.expireLeases()).toBe(0);
    await live(under, 61);
    expect(await store.tasks.expireLeases()).toBe(1);
    await expect(store.tasks.heartbeat('t1', 'not-the-token', 60)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.tasks.heartbeat('t1', claimed.lease_token, 60)).toMatchObject({ cancel: false });
    expect(await store.tasks.find('t1')).toMatchObject({ status: 'running' });
  });

  test('a machine that slept with the service on it has lost no lease either', async () => {
    const under = open();
    const { store } = under;
    await store.tasks.create(sampleTask({ max_attempts: 2 }));
    const claimed = await claimOne(store);
    await live(under, 20);
    under.pass(3600);
    expect(await store.tasks.expireLeases()).toBe(0);
    expect(await store.tasks.find('t1')).toMatchObject({ status: 'running' });
    expect(await store.tasks.heartbeat('t1', claimed.lease_token, 60)).toMatchObject({ cancel: false });
    expect(await store.tasks.finish(finishStep(claimed))).toMatchObject({ kind: 'recorded' });
  });

  test('a decision is asked for, answered, and is in the context of the next attempt', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    const step = finishStep(await claimOne(store));
    const asked = { ...step, decision_prompt: 'Which database?', metric: { ...step.metric, final: false } };
    await store.tasks.finish({
      ...asked,
      disposition: { status: 'needs_decision', final: false, spent: false },
    });
    expect(await store.tasks.find('t1')).toMatchObject({
      status: 'needs_decision',
      decision_prompt: 'Which database?',
    });
    await store.tasks.update('t1', { decision: 'SQLite' });
    expect((await claimOne(store)).task.context).toMatchObject({
      decision: 'SQLite',
      decision_prompt: 'Which database?',
    });
    await expect(store.tasks.update('t1', { decision: 'again' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('cancelling ends a waiting task, and tells the runner of a running one', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ id: 'waiting' }));
    expect(await store.tasks.update('waiting', { status: 'cancelled' })).toMatchObject({
      status: 'cancelled',
    });
    await store.tasks.create(sampleTask({ id: 'running' }));
    const claimed = await claimOne(store);
    expect(await store.tasks.update('running', { status: 'cancelled' })).toMatchObject({
      cancel_requested: true,
    });
    expect(await store.tasks.heartbeat('running', claimed.lease_token, 60)).toMatchObject({ cancel: true });
    const ended = await store.tasks.finish(
      finishStep(claimed, { status: 'failed', error_class: 'cancelled' }),
    );
    expect(ended).toMatchObject({ task: { status: 'cancelled' } });
    await expect(store.tasks.update('nobody', { priority: 1 })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a failed task can be run again; attempts are numbered on and what was recorded stays', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask({ max_attempts: 1 }));
    await store.tasks.finish(
      finishStep(await claimOne(store), { status: 'failed', error_class: 'nonzero_exit' }),
    );
    await store.tasks.update('t1', { status: 'pending' });
    const again = await claimOne(store);
    expect(again.attempt).toBe(2);
    await store.tasks.finish(finishStep(again));
    const groups = groupsOf(await store.outcomes.summarize(window));
    expect(groups.map(({ status, final }) => [status, final]).sort()).toEqual([
      ['completed', true],
      ['failed', true],
    ]);
  });

  test('lists are newest first, filtered, and page by cursor without gap or repetition', async () => {
    const { store, pass } = open();
    for (let i = 0; i < 7; i++) {
      await store.tasks.create(sampleTask({ id: `t${i}`, task_type: i % 2 ? 'test' : 'impl' }));
      if (i % 3 === 0) pass(1);
    }
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.tasks.list({ limit: 3, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(ids).toHaveLength(7);
    expect(new Set(ids).size).toBe(7);
    expect(ids[0]).toBe('t6');
    expect((await store.tasks.list({ limit: 10, task_type: 'test' })).items).toHaveLength(3);
    await expect(store.tasks.list({ limit: 3, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  test('counts by status and ages are those of the tasks', async () => {
    const { store, pass, now } = open();
    const { executor } = sampleTask({ id: 'a' });
    const kind = { project: 'shop', task_type: 'impl', executor };
    await store.tasks.create(sampleTask({ id: 'a' }));
    const queued = now();
    pass(10);
    await store.tasks.create(sampleTask({ id: 'b' }));
    expect(await store.tasks.listAges()).toEqual([{ ...kind, oldest_pending: queued }]);
    const claimed = await claimOne(store);
    pass(40);
    await store.tasks.heartbeat('a', claimed.lease_token, 60, 15);
    expect(await store.tasks.listAges()).toEqual([
      {
        ...kind,
        oldest_pending: queued + 10_000,
        oldest_started: queued + 10_000,
        oldest_progress: now() - 15_000,
      },
    ]);
    expect(await store.tasks.countByStatus()).toEqual(
      expect.arrayContaining([
        { project: 'shop', task_type: 'impl', status: 'pending', count: 1 },
        { project: 'shop', task_type: 'impl', status: 'running', count: 1 },
      ]),
    );
  });
});
