import { describe, expect, test } from 'vitest';
import type { ClaimedTask, ClaimRequest } from '../../src/domain/attempt.ts';
import { type Budget, budgetWindow, isSpent } from '../../src/domain/budget.ts';
import { finishStep, sampleMetric, sampleTask } from './samples.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const day = budgetWindow / 1000;
const request = (changes: Partial<ClaimRequest> = {}): ClaimRequest => ({
  runner: 'r1',
  executors: ['shell'],
  free_workers: 10,
  ...changes,
});
const budgetOf = (changes: Partial<Budget> = {}): Budget => ({
  daily_usd: 10,
  projects: {},
  throttle: true,
  count_notional: false,
  ...changes,
});
const shopOnly = budgetOf({ daily_usd: undefined, projects: { shop: 10 } });

let outcomes = 0;
/** An attempt of somebody else's runner that ended now, or so many seconds from now. */
async function spend(under: StoreUnderTest, usd: number | undefined, changes: object = {}, after = 0) {
  const created_at = new Date(under.now() + after * 1000).toISOString();
  const task_id = `spent-${outcomes++}`;
  await under.store.outcomes.record([sampleMetric({ task_id, cost_usd: usd, created_at, ...changes })]);
}

const claimed = async ({ store }: StoreUnderTest, budget: Budget, changes: Partial<ClaimRequest> = {}) =>
  store.tasks.claim(request(changes), 60, budget);
const claimedIds = async (...args: Parameters<typeof claimed>) =>
  (await claimed(...args)).map(({ task }) => task.id);

/** A shell task of the project for each name; those with a `!` behind it are critical. */
async function queue({ store }: StoreUnderTest, project: string, ...names: string[]) {
  for (const name of names) {
    const id = name.replace('!', '');
    await store.tasks.create(sampleTask({ id, project, critical: name.endsWith('!'), max_attempts: 5 }));
  }
}

const lift = (under: StoreUnderTest, seconds: number, project?: string) =>
  under.store.budgets.override({
    project,
    until: new Date(under.now() + seconds * 1000).toISOString(),
    by: 'admin',
    reason: 'the release',
  });

describe.each(stores)('$name: budgets', ({ open }) => {
  test('once as much as the limit is spent, only critical tasks are handed out', async () => {
    const under = open();
    await spend(under, 9.99);
    await queue(under, 'shop', 'a');
    expect(await claimedIds(under, budgetOf())).toEqual(['a']);
    await spend(under, 0.01);
    await queue(under, 'shop', 'b', 'c!');
    await queue(under, 'blog', 'd', 'e!');
    expect((await claimedIds(under, budgetOf())).sort()).toEqual(['c', 'e']);
    expect(await claimedIds(under, budgetOf())).toEqual([]);
    expect(await under.store.tasks.find('b')).toMatchObject({ status: 'pending', critical: false });
    expect(await under.store.tasks.find('c')).toMatchObject({ status: 'running', critical: true });
  });

  test('the setting is off, or there is no limit: nothing is held back, and the budget is known all the same', async () => {
    const under = open();
    await spend(under, 11);
    await queue(under, 'shop', 'a', 'b');
    const off = budgetOf({ throttle: false });
    expect(await claimedIds(under, off, { free_workers: 1 })).toEqual(['a']);
    expect(await under.store.budgets.list(off)).toMatchObject([
      { limit_usd: 10, spent_usd: 11, exceeded: true, throttled: false },
    ]);
    expect(await under.store.budgets.list(budgetOf({ daily_usd: undefined }))).toEqual([]);
    expect(await claimedIds(under, budgetOf({ daily_usd: undefined }))).toEqual(['b']);
  });

  test('a project’s budget holds back that project’s tasks alone', async () => {
    const under = open();
    const budget = budgetOf({ daily_usd: 100, projects: { shop: 10, blog: 50 } });
    await spend(under, 12);
    await spend(under, 20, { project: 'blog' });
    await queue(under, 'shop', 'a', 'b!');
    await queue(under, 'blog', 'c');
    await queue(under, 'other', 'd');
    expect((await claimedIds(under, budget)).sort()).toEqual(['b', 'c', 'd']);
    expect(await under.store.budgets.list(budget)).toMatchObject([
      { limit_usd: 100, spent_usd: 32, throttled: false },
      { project: 'blog', limit_usd: 50, spent_usd: 20, throttled: false },
      { project: 'shop', limit_usd: 10, spent_usd: 12, throttled: true },
    ]);
  });

  test('it resumes by itself in the very moment in which enough of the spend is a day old', async () => {
    const under = open();
    await spend(under, 6);
    under.pass(3600);
    await spend(under, 3);
    under.pass(3600);
    await spend(under, 3);
    await spend(under, 4, { project: 'blog' });
    await queue(under, 'shop', 'a');
    const budget = budgetOf({ daily_usd: 8, projects: { shop: 10, blog: 4 } });
    const [all, blog, shop] = await under.store.budgets.list(budget);
    const in24h = (hours: number) => new Date(under.now() + hours * 3600_000).toISOString();
    // Of the whole 16 must fall below 8, of the shop 12 below 10, of the blog 4 below 4.
    expect([all?.resumes_at, blog?.resumes_at, shop?.resumes_at]).toEqual([in24h(23), in24h(24), in24h(22)]);

    under.pass(22 * 3600 - 0.001);
    expect(await claimedIds(under, shopOnly)).toEqual([]);
    under.pass(0.001);
    expect(await claimedIds(under, shopOnly)).toEqual(['a']);
    await queue(under, 'blog', 'b');
    under.pass(3600 - 0.001);
    const whole = budgetOf({ daily_usd: 8 });
    expect(await claimedIds(under, whole)).toEqual([]);
    under.pass(0.001);
    expect(await under.store.budgets.list(budget)).toMatchObject([
      { spent_usd: 7, throttled: false, resumes_at: undefined },
      { project: 'blog', spent_usd: 4, throttled: true },
      { project: 'shop', spent_usd: 3, throttled: false },
    ]);
    expect(await claimedIds(under, budget)).toEqual([]);
    expect(await claimedIds(under, whole)).toEqual(['b']);
  });

  test('the announced time is right for any course of spending', async () => {
    const under = open();
    // A pseudo-random course that is the same each time.
    let seed = 7;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const spends: { at: number; usd: number }[] = [];
    for (let i = 0; i < 60; i++) {
      if (random() < 0.8) under.pass(Math.floor(random() * 1800));
      const usd = Math.round(random() * 100) / 100;
      spends.push({ at: under.now(), usd });
      await spend(under, usd);
    }
    const spentAt = (now: number) =>
      spends.reduce((sum, { at, usd }) => (at > now - budgetWindow ? sum + usd : sum), 0);
    for (const limit of [0.5, 3, 10, 20, spentAt(under.now())]) {
      const [state] = await under.store.budgets.list(budgetOf({ daily_usd: limit }));
      const resumes = Date.parse(state?.resumes_at ?? '');
      expect(isSpent(spentAt(resumes), limit), `${limit} at ${state?.resumes_at}`).toBe(false);
      expect(isSpent(spentAt(resumes - 1), limit), `just before, ${limit}`).toBe(true);
    }
    const [within] = await under.store.budgets.list(budgetOf({ daily_usd: spentAt(under.now()) + 0.01 }));
    expect(within).toMatchObject({ exceeded: false, resumes_at: undefined });
  });

  test('a sum of many small costs reaches the limit that it comes to on paper', async () => {
    const under = open();
    for (let i = 0; i < 30; i++) await spend(under, 0.1);
    expect(await under.store.budgets.list(budgetOf({ daily_usd: 3 }))).toMatchObject([
      { spent_usd: 3, throttled: true, resumes_at: new Date(under.now() + budgetWindow).toISOString() },
    ]);
  });

  test('what counts: reported and computed, from outside and of our own tasks, priced again and late', async () => {
    const under = open();
    const usage = { input_uncached: 10, cache_read: 0, cache_write: 0, output: 1 };
    await spend(under, 1, { cost_source: 'reported' });
    await spend(under, 2, { cost_source: 'computed', billing: 'unknown' });
    await spend(under, 4, { billing: 'subscription' });
    await spend(under, undefined, { usage });
    await spend(under, undefined, { billing: 'subscription' });
    await spend(under, undefined, { executor: 'shell' });
    await spend(under, 64, {}, -day);
    const spent = async (changes: Partial<Budget> = {}) => {
      const [state] = await under.store.budgets.list(budgetOf(changes));
      return [state?.spent_usd, state?.unpriced_attempts];
    };
    expect(await spent()).toEqual([3, 1]);
    expect(await spent({ count_notional: true })).toEqual([7, 2]);

    // A better table finds a price for what had none.
    const {
      items: [unpriced],
    } = await under.store.outcomes.listForPricing({ since: 0, limit: 1 });
    if (!unpriced) throw new Error('nothing is unpriced');
    const metric = { ...unpriced.metric, cost_usd: 8, cost_source: 'computed' } as const;
    await under.store.outcomes.reprice([{ seq: unpriced.seq, metric }]);
    expect(await spent()).toEqual([11, 0]);

    // A runner that was given up turns out to have spent something.
    await queue(under, 'shop', 'late!', 'late2!');
    const [late] = await claimed(under, budgetOf(), { free_workers: 1 });
    under.pass(61);
    await under.store.tasks.expireLeases();
    await claimed(under, budgetOf(), { free_workers: 1, runner: 'r2' });
    expect(await spent()).toEqual([11, 0]);
    await under.store.tasks.finish(
      finishStep(late as ClaimedTask, { cost_usd: 16, usage }, new Date(under.now()).toISOString()),
    );
    expect(await spent()).toEqual([27, 0]);
  });

  test('a further attempt of a task that is not critical waits as well, and what runs goes on', async () => {
    const under = open();
    await queue(under, 'shop', 'a', 'b');
    const [first, second] = await claimed(under, shopOnly);
    const now = () => new Date(under.now()).toISOString();
    const failed = { status: 'failed', error_class: 'verify_failed', cost_usd: 12 } as const;
    await under.store.tasks.finish(finishStep(first as ClaimedTask, failed, now()));
    under.pass(50);
    const beat = await under.store.tasks.heartbeat('b', (second as ClaimedTask).lease_token, 60);
    expect(beat).toMatchObject({ cancel: false });
    under.pass(50);
    expect(await claimedIds(under, shopOnly)).toEqual([]);
    const ended = await under.store.tasks.finish(finishStep(second as ClaimedTask, { cost_usd: 5 }, now()));
    expect(ended).toMatchObject({ kind: 'recorded', task: { status: 'completed' } });
    expect(await under.store.budgets.list(shopOnly)).toMatchObject([{ spent_usd: 17 }]);
    under.pass(day);
    expect(await claimedIds(under, shopOnly)).toEqual(['a']);
  });

  test('an admin’s word lets all tasks go on, or those of a project, until its time', async () => {
    const under = open();
    const budget = budgetOf({ daily_usd: 10, projects: { shop: 5, blog: 1 } });
    await spend(under, 12);
    await queue(under, 'shop', 'a', 'b', 'c', 'd');
    await queue(under, 'blog', 'e');
    // Also past the budget of all together.
    const given = await lift(under, 3600, 'shop');
    expect(given).toEqual({
      project: 'shop',
      since: new Date(under.now()).toISOString(),
      until: new Date(under.now() + 3600_000).toISOString(),
      by: 'admin',
      reason: 'the release',
    });
    expect(await under.store.budgets.listOverrides()).toEqual([given]);
    expect(await claimedIds(under, budget, { free_workers: 1 })).toEqual(['a']);
    expect(await under.store.budgets.list(budget)).toMatchObject([
      { exceeded: true, throttled: true, override: undefined },
      { project: 'blog', exceeded: false, throttled: false, override: undefined },
      { project: 'shop', exceeded: true, throttled: false, override: given },
    ]);
    under.pass(3600 - 0.001);
    expect(await claimedIds(under, budget, { free_workers: 1 })).toEqual(['b']);
    under.pass(0.001);
    expect(await claimedIds(under, budget)).toEqual([]);
    expect(await under.store.budgets.listOverrides()).toEqual([]);

    const all = await lift(under, 60);
    expect((await claimedIds(under, budget, { free_workers: 2 })).length).toBe(2);
    expect(await under.store.budgets.list(budget)).toMatchObject([
      { throttled: false, override: all },
      { project: 'blog', override: undefined },
      { project: 'shop', throttled: false, override: all },
    ]);
  });

  test('it ends before its time when an admin says so, and a new one takes the place of the last', async () => {
    const under = open();
    const { budgets } = under.store;
    await spend(under, 12);
    await queue(under, 'shop', 'a', 'b');
    await lift(under, 3600, 'shop');
    const shorter = await lift(under, 60, 'shop');
    const other = await lift(under, 60, 'blog');
    expect(await budgets.listOverrides()).toEqual([other, shorter]);
    expect(await budgets.endOverrides('admin', 'shop')).toBe(1);
    expect(await budgets.endOverrides('admin', 'shop')).toBe(0);
    expect(await claimedIds(under, shopOnly)).toEqual([]);
    const all = await lift(under, 60);
    expect(await budgets.listOverrides()).toEqual([all, other]);
    expect(await budgets.endOverrides('admin')).toBe(2);
    expect(await claimedIds(under, shopOnly)).toEqual([]);
    // One that is over by its time ends nothing, and is in nobody's way.
    await lift(under, 60, 'shop');
    under.pass(60);
    expect(await budgets.endOverrides('admin')).toBe(0);
    await lift(under, 60, 'shop');
    expect(await claimedIds(under, shopOnly, { free_workers: 1 })).toEqual(['a']);
  });

  test('all of it is still there after a restart: the throttle, since when, and the override', async () => {
    const under = open();
    await spend(under, 12);
    await queue(under, 'shop', 'a', 'b!');
    expect(await claimedIds(under, shopOnly)).toEqual(['b']);
    const since = new Date(under.now()).toISOString();
    under.pass(600);
    await under.reopen();
    expect(await claimedIds(under, shopOnly)).toEqual([]);
    expect(await under.store.budgets.list(shopOnly)).toMatchObject([
      { throttled: true, throttled_since: since },
    ]);
    const given = await lift(under, 3600, 'shop');
    await under.reopen();
    expect(await under.store.budgets.listOverrides()).toEqual([given]);
    expect(await claimedIds(under, shopOnly)).toEqual(['a']);
  });

  test('it is known since when a budget holds tasks back, from its last beginning on', async () => {
    const under = open();
    const since = async () => (await under.store.budgets.list(shopOnly))[0]?.throttled_since;
    const now = () => new Date(under.now()).toISOString();
    expect(await since()).toBeUndefined();
    await spend(under, 12);
    expect(await since()).toBe(now());
    const begun = now();
    expect(await under.store.budgets.note(shopOnly)).toMatchObject([{ throttled_since: begun }]);
    under.pass(100);
    await under.store.budgets.note(shopOnly);
    expect(await since()).toBe(begun);
    await lift(under, 60);
    expect(await under.store.budgets.note(shopOnly)).toMatchObject([{ throttled_since: undefined }]);
    under.pass(70);
    await claimed(under, shopOnly);
    const again = now();
    under.pass(30);
    expect(await since()).toBe(again);
    // Switched off, and on again.
    await under.store.budgets.note({ ...shopOnly, throttle: false });
    under.pass(30);
    expect(await under.store.budgets.note(shopOnly)).toMatchObject([{ throttled_since: now() }]);
  });

  test('it is known whether there would be work but for a spent budget', async () => {
    const under = open();
    const holdsBack = (changes: Partial<ClaimRequest> = {}) =>
      under.store.budgets.holdsBack(request(changes));
    await spend(under, 12);
    expect(await holdsBack()).toBe(false);
    await queue(under, 'shop', 'a');
    expect(await holdsBack()).toBe(true);
    expect(await holdsBack({ executors: ['codex'] })).toBe(false);
    expect(await holdsBack({ projects: ['blog'] })).toBe(false);
    expect(await under.store.tasks.find('a')).toMatchObject({ status: 'pending' });
  });

  test('what is held back is not the oldest pending, not next, and its time in the queue begins afterwards', async () => {
    const under = open();
    const oldest = async () =>
      (await under.store.tasks.listAges(shopOnly)).map(({ project, oldest_pending }) => [
        project,
        oldest_pending,
      ]);
    const next = async (budget?: Budget) =>
      (await under.store.tasks.list({ order: 'claim', limit: 10, budget })).items.map(({ id }) => id);
    const queued = under.now();
    await queue(under, 'shop', 'a', 'b!', 'c!');
    await queue(under, 'blog', 'd');
    await under.store.tasks.update('c', { status: 'cancelled' });
    await spend(under, 12);
    under.pass(600);
    await under.store.budgets.note(shopOnly);
    expect(await next(shopOnly)).toEqual(['b', 'd']);
    expect(await next()).toEqual(['a', 'b', 'd']);
    await under.store.tasks.update('b', { status: 'cancelled' });
    expect(await oldest()).toEqual([
      ['blog', queued],
      ['shop', undefined],
    ]);
    await under.store.tasks.update('b', { status: 'pending' });
    const requeued = under.now();
    under.pass(300);
    await lift(under, 3600, 'shop');
    await under.store.budgets.note(shopOnly);
    const lifted = under.now();
    under.pass(10);
    expect(await oldest()).toEqual([
      ['blog', queued],
      ['shop', requeued],
    ]);
    const claims = await claimed(under, shopOnly);
    expect(claims.map(({ task, queue_seconds }) => [task.id, queue_seconds])).toEqual([
      ['a', (under.now() - lifted) / 1000],
      ['d', (under.now() - queued) / 1000],
      ['b', (under.now() - requeued) / 1000],
    ]);
  });

  test('a task becomes critical later, and no longer is', async () => {
    const under = open();
    await spend(under, 12);
    await queue(under, 'shop', 'a', 'b!');
    expect(await under.store.tasks.update('a', { critical: true })).toMatchObject({ critical: true });
    expect(await under.store.tasks.update('b', { critical: false })).toMatchObject({ critical: false });
    expect(await claimedIds(under, shopOnly)).toEqual(['a']);
  });

  test('what an attempt has cost counts before the next task is handed out', async () => {
    const under = open();
    const budget = budgetOf({ daily_usd: 3 });
    await queue(under, 'shop', ...Array.from({ length: 12 }, (_, i) => `t${i}`));
    // Four runners of one worker each, which claim as soon as they are free; each task costs 1.
    const runners = ['r1', 'r2', 'r3', 'r4'];
    const work = async (runner: string): Promise<number> => {
      const [task] = await claimed(under, budget, { runner, free_workers: 1 });
      if (!task) return 0;
      await under.store.tasks.finish(finishStep(task, { cost_usd: 1 }));
      return 1 + (await work(runner));
    };
    const done = await Promise.all(runners.map(work));
    const total = done.reduce((sum, count) => sum + count, 0);
    // Those that ran when the third ended may end as well: never more than the other runners' one each.
    expect(total).toBeGreaterThanOrEqual(3);
    expect(total).toBeLessThanOrEqual(3 + runners.length - 1);
    expect(await under.store.budgets.list(budget)).toMatchObject([{ spent_usd: total, throttled: true }]);
  });
});
