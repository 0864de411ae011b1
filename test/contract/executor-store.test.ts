import { describe, expect, test } from 'vitest';
import type { ClaimedTask, ClaimRequest } from '../../src/domain/attempt.ts';
import type { ExecutorHold } from '../../src/domain/executor-hold.ts';
import { groupsOf } from '../../src/domain/outcome-group.ts';
import type { Store } from '../../src/domain/store.ts';
import type { FinishStep } from '../../src/domain/task-store.ts';
import { finishStep, sampleTask } from './samples.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const limit = { status: 'failed', error_class: 'rate_limited' } as const;
const login = { status: 'failed', error_class: 'auth' } as const;

const request = (changes: Partial<ClaimRequest> = {}): ClaimRequest => ({
  runner: 'r1',
  executors: ['codex', 'shell'],
  free_workers: 1,
  ...changes,
});

async function claimOne(store: Store, changes: Partial<ClaimRequest> = {}): Promise<ClaimedTask> {
  const [claimed] = await store.tasks.claim(request(changes), 60);
  if (!claimed) throw new Error('nothing was claimed');
  return claimed;
}

const claimIds = async (store: Store, changes: Partial<ClaimRequest> = {}) =>
  (await store.tasks.claim(request({ free_workers: 10, ...changes }), 60)).map(({ task }) => task.id);

/** A pause from now, or from what the step's clock says, until so many seconds later. */
function pause({ now }: StoreUnderTest, seconds: number, changes: Partial<ExecutorHold> = {}): ExecutorHold {
  return {
    executor: 'codex',
    state: 'paused',
    reason: 'rate_limited: try again later',
    since: new Date(now()).toISOString(),
    until: new Date(now() + seconds * 1000).toISOString(),
    ...changes,
  };
}

function closed({ now }: StoreUnderTest, changes: Partial<ExecutorHold> = {}): ExecutorHold {
  const since = new Date(now()).toISOString();
  return { executor: 'codex', runner: 'r1', state: 'closed', reason: 'auth', since, ...changes };
}

async function createTasks(store: Store, ...ids: string[]): Promise<void> {
  for (const id of ids) await store.tasks.create(sampleTask({ id, executor: 'codex', max_attempts: 1 }));
}

/** Runs the next task into this failure. */
async function fail(store: Store, outcome: object, hold: ExecutorHold, as: Partial<ClaimRequest> = {}) {
  return store.tasks.finish({ ...finishStep(await claimOne(store, as), outcome), hold });
}

describe.each(stores)('$name: holds on executors', ({ open }) => {
  test('a pause keeps an executor’s tasks from every runner until it is over, and others’ from none', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a', 'b');
    await store.tasks.create(sampleTask({ id: 'other', executor: 'shell', priority: -1 }));
    const hold = pause(under, 3600);
    const result = await fail(store, limit, hold);
    expect(result).toMatchObject({
      final: false,
      task: { status: 'pending', attempts_spent: 0, attempt: 1 },
    });
    expect(await store.executors.list()).toEqual([hold]);
    expect(await claimIds(store)).toEqual(['other']);
    expect(await claimIds(store, { runner: 'r2' })).toEqual([]);
    expect(await claimIds(store, { probed: ['codex'] })).toEqual([]);
    pass(3599);
    expect(await claimIds(store)).toEqual([]);
    pass(1);
    expect(await store.executors.list()).toEqual([]);
    expect((await claimIds(store)).sort()).toEqual(['a', 'b']);
  });

  test('a closed executor is closed for its runner alone, until its probe passes', async () => {
    const under = open();
    const { store } = under;
    await createTasks(store, 'a', 'b', 'c');
    const hold = closed(under);
    expect(await fail(store, login, hold)).toMatchObject({ task: { status: 'pending', attempts_spent: 0 } });
    expect(await store.executors.list()).toEqual([hold]);
    expect(await claimIds(store)).toEqual([]);
    expect(await claimIds(store, { runner: 'r2', free_workers: 1 })).toEqual(['b']);
    expect(await claimIds(store, { runner: 'r2', probed: ['codex'], free_workers: 0 })).toEqual([]);
    expect(await store.executors.list()).toEqual([hold]);
    expect(await claimIds(store, { probed: ['codex'] })).toEqual(['c']);
    expect(await store.executors.list()).toEqual([]);
  });

  test('a probe that passes does not open it before the time that the hold names', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a', 'b');
    await fail(store, login, closed(under, { until: new Date(under.now() + 60_000).toISOString() }));
    expect(await claimIds(store, { probed: ['codex'] })).toEqual([]);
    pass(60);
    expect(await claimIds(store)).toEqual([]);
    expect((await claimIds(store, { probed: ['codex'] })).sort()).toEqual(['a', 'b']);
  });

  test('a person opens one for a runner, or for all', async () => {
    const under = open();
    const { store } = under;
    await createTasks(store, 'a', 'b', 'c', 'd');
    const claims: FinishStep[] = [];
    for (const runner of ['r1', 'r2', 'r3']) {
      const step = finishStep(await claimOne(store, { runner }), runner === 'r3' ? limit : login);
      claims.push({ ...step, hold: runner === 'r3' ? pause(under, 60) : closed(under, { runner }) });
    }
    for (const step of claims) await store.tasks.finish(step);
    expect((await store.executors.list()).map(({ runner }) => runner)).toEqual([undefined, 'r1', 'r2']);
    expect(await store.executors.open('codex', 'r1')).toBe(true);
    expect(await store.executors.open('codex', 'r1')).toBe(false);
    expect(await claimIds(store, { runner: 'r1' })).toEqual([]);
    expect(await store.executors.open('codex')).toBe(true);
    expect(await store.executors.list()).toEqual([]);
    expect(await store.executors.open('codex')).toBe(false);
    expect(await store.executors.open('nothing')).toBe(false);
  });

  test('holds are counted in a row, runs that were under way not again, and a success ends the row', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a', 'b', 'c');
    expect(await store.executors.countHolds('codex')).toBe(0);
    const [first, second] = [await claimOne(store), await claimOne(store)];
    await store.tasks.finish({ ...finishStep(first, limit), hold: pause(under, 60) });
    expect(await store.executors.countHolds('codex')).toBe(0);
    const named = pause(under, 600, { reason: 'rate_limited: until ten' });
    await store.tasks.finish({ ...finishStep(second, limit), hold: named });
    expect(await store.executors.countHolds('codex')).toBe(0);
    expect(await store.executors.list()).toEqual([named]);
    pass(600);
    expect(await store.executors.countHolds('codex')).toBe(1);
    await fail(store, limit, pause(under, 60));
    pass(60);
    expect(await store.executors.countHolds('codex')).toBe(2);
    await store.tasks.finish(finishStep(await claimOne(store)));
    expect(await store.executors.countHolds('codex')).toBe(0);
  });

  test('a later limit without a time does not cut a pause short', async () => {
    const under = open();
    const { store } = under;
    await createTasks(store, 'a', 'b');
    const [first, second] = [await claimOne(store), await claimOne(store)];
    const named = pause(under, 3600, { reason: 'rate_limited: until ten' });
    await store.tasks.finish({ ...finishStep(first, limit), hold: named });
    await store.tasks.finish({ ...finishStep(second, limit), hold: pause(under, 30) });
    expect(await store.executors.list()).toEqual([named]);
  });

  test('closures are counted by runner, through probes that pass', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a', 'b');
    await fail(store, login, closed(under));
    await store.tasks.claim(request({ probed: ['codex'], free_workers: 0 }), 60);
    expect(await store.executors.countHolds('codex', 'r1')).toBe(1);
    expect(await store.executors.countHolds('codex', 'r2')).toBe(0);
    expect(await store.executors.countHolds('codex')).toBe(0);
    await fail(store, login, closed(under));
    expect(await store.executors.countHolds('codex', 'r1')).toBe(1);
    await store.executors.open('codex');
    expect(await store.executors.countHolds('codex', 'r1')).toBe(2);
    pass(3600);
    await store.tasks.finish(finishStep(await claimOne(store)));
    expect(await store.executors.countHolds('codex', 'r1')).toBe(0);
  });

  test('a hold comes once: not with the same finish again, another one, or one that was superseded', async () => {
    const under = open();
    const { store, pass } = under;
    await store.tasks.create(sampleTask({ id: 'a', executor: 'codex', max_attempts: 3 }));
    const late = await claimOne(store);
    pass(61);
    await store.tasks.expireLeases();
    const step = { ...finishStep(await claimOne(store, { runner: 'r2' })) };
    const hold = pause(under, 60);
    expect(await store.tasks.finish({ ...finishStep(late, limit), hold })).toMatchObject({
      kind: 'superseded',
    });
    await store.tasks.finish(step);
    expect(await store.tasks.finish({ ...step, hold })).toMatchObject({ kind: 'repeated' });
    expect(await store.tasks.finish({ ...step, hold, digest: 'other' })).toMatchObject({ kind: 'differs' });
    expect(await store.executors.list()).toEqual([]);
  });

  test('a task that was cancelled meanwhile ends, and the provider’s limit is one all the same', async () => {
    const under = open();
    const { store } = under;
    await createTasks(store, 'a');
    const claimed = await claimOne(store);
    await store.tasks.update('a', { status: 'cancelled' });
    const result = await store.tasks.finish({ ...finishStep(claimed, limit), hold: pause(under, 60) });
    expect(result).toMatchObject({ task: { status: 'cancelled' } });
    expect(await store.executors.list()).toHaveLength(1);
  });

  test('holds are still there after a restart, and a pause does not wait for the service', async () => {
    const under = open();
    await createTasks(under.store, 'a', 'b');
    await fail(under.store, login, closed(under));
    await fail(under.store, limit, pause(under, 60), { runner: 'r2' });
    await under.store.beat();
    under.pass(61);
    const store = await under.reopen();
    await store.resume();
    expect((await store.executors.list()).map(({ state }) => state)).toEqual(['closed']);
  });

  test('a task that waits for a pause is not overdue, and its time in the queue begins when that is over', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a', 'b');
    await fail(store, limit, pause(under, 3600));
    pass(1800);
    expect(await store.tasks.listAges()).toMatchObject([{ oldest_pending: undefined }]);
    pass(1810);
    expect(await store.tasks.listAges()).toMatchObject([{ oldest_pending: under.now() - 10_000 }]);
    expect((await claimOne(store)).queue_seconds).toBe(10);
    await createTasks(store, 'new');
    pass(5);
    expect(
      (await store.tasks.claim(request({ free_workers: 5 }), 60)).map((claimed) => claimed.queue_seconds),
    ).toEqual([15, 5]);
  });

  test('it is known whether there would be work but for the holds', async () => {
    const under = open();
    const { store } = under;
    expect(await store.executors.wouldClaim(request())).toBe(false);
    await createTasks(store, 'a');
    await fail(store, limit, pause(under, 60));
    expect(await store.executors.wouldClaim(request())).toBe(true);
    expect(await store.executors.wouldClaim(request({ executors: ['shell'] }))).toBe(false);
    expect(await store.executors.wouldClaim(request({ projects: ['blog'] }))).toBe(false);
    expect(await store.tasks.find('a')).toMatchObject({ status: 'pending' });
  });

  test('executors are seen with their tasks, and held while anything holds them', async () => {
    const under = open();
    const { store, pass } = under;
    expect(await store.executors.listSeen(0)).toEqual([]);
    await createTasks(store, 'a');
    await store.tasks.create(sampleTask({ id: 'other', executor: 'shell', priority: 1 }));
    await claimOne(store);
    await fail(store, limit, pause(under, 60));
    expect(await store.executors.listSeen(0)).toEqual([
      { executor: 'codex', held_for: ['rate_limited'] },
      { executor: 'shell', held_for: [] },
    ]);
    pass(60);
    expect(await store.executors.listSeen(0)).toContainEqual({ executor: 'codex', held_for: [] });
  });
});

describe.each(stores)('$name: holds of runners that are gone', ({ open }) => {
  test('an executor that is closed for one that has left, or is silent for long, is not seen as held', async () => {
    const under = open();
    const { store, pass } = under;
    await createTasks(store, 'a');
    await fail(store, login, closed(under));
    const held = async (since = 0) =>
      (await store.executors.listSeen(since)).map(({ held_for }) => held_for.length > 0);
    expect(await held()).toEqual([true]);
    await store.runners.leave('r1');
    expect(await held()).toEqual([false]);
    // It is back: what it was closed for is still so until its probe passes.
    await store.runners.see('r1');
    expect(await held()).toEqual([true]);
    pass(3600);
    expect(await held(under.now() - 3_600_000)).toEqual([true]);
    expect(await held(under.now() - 3_599_999)).toEqual([false]);
    expect(await store.executors.list()).toHaveLength(1);
  });
});

describe.each(stores)('$name: attempts', ({ open }) => {
  test('what an attempt changed is kept with it', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    const changes = {
      base: 'a1',
      head: 'b2',
      commits: 2,
      files: [{ path: 'src/a.ts', added: 3, deleted: 1 }, { path: 'logo.png' }],
      files_changed: 2,
      lines_added: 3,
      lines_deleted: 1,
    };
    await store.tasks.finish({ ...finishStep(await claimOne(store)), changes, branch: 'andon/t1-1' });
    expect(await store.tasks.listAttempts('t1')).toMatchObject([{ branch: 'andon/t1-1', changes }]);
  });

  test('the labels of a claim are those of its outcome, whatever the model is called', async () => {
    const { store } = open();
    const models = ['claude-opus-5[1m]', 'claude-opus-5-20260105', 'claude-opus-5', 'gpt-5', 'none'];
    for (const [i, model] of models.entries()) await store.tasks.create(sampleTask({ id: `t${i}`, model }));
    for (const claimed of await store.tasks.claim(request({ free_workers: 9 }), 60)) {
      const result = await store.tasks.finish(finishStep(claimed));
      expect(result).toMatchObject({ kind: 'recorded', labels: claimed.labels });
    }
    const groups = groupsOf(await store.outcomes.summarize({ from: 0, to: Number.MAX_SAFE_INTEGER }));
    expect(groups.map(({ model, count }) => [model, count])).toEqual([
      ['claude-opus-5', 3],
      ['gpt-5', 1],
      ['none', 1],
    ]);
  });
});
