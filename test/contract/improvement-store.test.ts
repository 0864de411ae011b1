import { describe, expect, test } from 'vitest';
import type { Proposal, ProposeResult } from '../../src/domain/improvement.ts';
import type { Store } from '../../src/domain/store.ts';
import { finishStep, sampleProposal, sampleRules, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

const cooldown = sampleRules.cooldown_seconds;

async function propose(
  { improvements }: Store,
  proposal: Proposal,
  rules = sampleRules,
): Promise<ProposeResult> {
  const [result] = await improvements.propose([proposal], rules);
  if (!result) throw new Error('no result');
  return result;
}

/** The id of a proposal that was made now. */
async function proposed(store: Store, proposal = sampleProposal()): Promise<string> {
  const result = await propose(store, proposal);
  if (result.kind !== 'created') throw new Error(result.kind);
  return result.id;
}

describe.each(stores)('$name: improvements', ({ open }) => {
  test('however often and however many at once, one identity has one open proposal', async () => {
    const { store } = open();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => propose(store, sampleProposal({ deliveries: i + 1 }))),
    );
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    const { items } = await store.improvements.list({ limit: 10 });
    expect(items).toMatchObject([{ state: 'proposed', calls: 20 }]);
    await propose(store, sampleProposal({ fingerprint: 'f2' }));
    expect((await store.improvements.list({ limit: 10, alert_fingerprint: 'f2' })).items).toMatchObject([
      { calls: 21 },
    ]);
  });

  test('approval makes the task in the same step, once; its end ends the improvement, which then cools down', async () => {
    const { store, pass } = open();
    const id = await proposed(store);
    const heal = sampleTask({ id: 'heal-1', task_type: 'heal', origin: `improvement:${id}` });
    expect(await store.improvements.approve(id, 'ada', heal)).toMatchObject({
      state: 'scheduled',
      task_id: 'heal-1',
      decided_by: 'ada',
    });
    await expect(store.improvements.approve(id, 'bob', sampleTask({ id: 'heal-2' }))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.tasks.find('heal-2')).toBeUndefined();
    expect(await store.improvements.settle()).toEqual([]);
    const [claimed] = await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60);
    if (!claimed) throw new Error('not claimed');
    await store.tasks.finish(finishStep(claimed));
    expect(await store.improvements.settle()).toMatchObject([{ id, state: 'done' }]);
    expect(await store.improvements.settle()).toEqual([]);
    expect(await propose(store, sampleProposal())).toMatchObject({ kind: 'cooling' });
    pass(cooldown);
    expect(await propose(store, sampleProposal())).toMatchObject({ kind: 'created' });
  });

  test('are counted by kind, alert and state, with the age of the oldest', async () => {
    const { store, pass, now } = open();
    const first = now();
    await proposed(store);
    pass(60);
    const other = { ...sampleProposal(), identity: 'other', alert: 'AgentTaskTimeouts' };
    await store.improvements.reject(await proposed(store, other), 'ada');
    const { kind } = sampleProposal();
    expect(await store.improvements.countByState()).toEqual([
      { kind, alert: 'AgentRepeatedFailures', state: 'proposed', count: 1, oldest: first },
      { kind, alert: 'AgentTaskTimeouts', state: 'rejected', count: 1, oldest: first + 60_000 },
    ]);
  });

  test('an improvement whose task failed is withdrawn, with the reason', async () => {
    const { store } = open();
    const id = await proposed(store);
    const heal = sampleTask({ id: 'heal-1', max_attempts: 1 });
    expect(await store.improvements.approve(id, 'ada', heal, 'worth a try')).toMatchObject({
      reason: 'worth a try',
    });
    const [claimed] = await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60);
    if (!claimed) throw new Error('not claimed');
    await store.tasks.finish(finishStep(claimed, { status: 'failed', error_class: 'timeout' }));
    expect(await store.improvements.settle()).toMatchObject([
      { state: 'withdrawn', reason: 'worth a try; its task failed' },
    ]);
  });

  test('what a person rejected stays muted until it has happened twice as often', async () => {
    const { store } = open();
    const id = await proposed(store);
    await propose(store, sampleProposal({ starts_at: '2026-03-02T10:00:00Z' }));
    await store.improvements.reject(id, 'ada', 'known');
    const again = (hour: number) =>
      propose(store, sampleProposal({ starts_at: `2026-03-02T${hour}:00:00Z` }), {
        ...sampleRules,
        cooldown_seconds: 0,
      });
    expect(await again(10)).toEqual({ kind: 'muted', until_episodes: 4 });
    expect(await again(11)).toEqual({ kind: 'muted', until_episodes: 4 });
    expect(await again(12)).toMatchObject({ kind: 'created' });
    await expect(store.improvements.reject('imp-nobody', 'ada')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe.each(stores)('$name: from an alert to its improvements', ({ open }) => {
  test('an improvement is found by every fingerprint that spoke for it, also long ago', async () => {
    const { store } = open();
    const id = await proposed(store, sampleProposal({ fingerprint: 'first' }));
    for (let hour = 10; hour < 35; hour++) {
      const starts_at = new Date(Date.parse('2026-03-02T00:00:00Z') + hour * 3_600_000).toISOString();
      await propose(store, sampleProposal({ fingerprint: `f${hour}`, starts_at }));
    }
    const found = async (alert_fingerprint: string) =>
      (await store.improvements.list({ limit: 10, alert_fingerprint })).items.map((one) => one.id);
    expect(await found('first')).toEqual([id]);
    expect(await found('f34')).toEqual([id]);
    expect(await found('nobody')).toEqual([]);
    // What is quoted stays bounded.
    expect((await store.improvements.find(id))?.evidence).toHaveLength(20);
  });
});

describe.each(stores)('$name: runners', ({ open }) => {
  test('a heartbeat of a task is a word from its runner', async () => {
    const { store, pass, now } = open();
    await store.tasks.create(sampleTask());
    await store.runners.see('busy');
    const [claimed] = await store.tasks.claim({ runner: 'busy', executors: ['shell'], free_workers: 1 }, 60);
    pass(30);
    await store.tasks.heartbeat('t1', claimed?.lease_token ?? '', 60);
    expect(await store.runners.list(0)).toMatchObject([{ runner: 'busy', seen_at: now() }]);
  });

  test('a runner is listed until it leaves or falls silent', async () => {
    const { store, pass, now } = open();
    await store.runners.see('r1', { metrics_url: 'http://127.0.0.1:9464/metrics' });
    pass(100);
    await store.runners.see('r2');
    expect((await store.runners.list(0)).map(({ runner }) => runner)).toEqual(['r1', 'r2']);
    expect((await store.runners.list(now() - 50)).map(({ runner }) => runner)).toEqual(['r2']);
    await store.runners.leave('r1');
    expect((await store.runners.list(0)).map(({ runner }) => runner)).toEqual(['r2']);
    await store.runners.see('r1');
    expect(await store.runners.list(0)).toContainEqual({
      runner: 'r1',
      seen_at: now(),
      metrics_url: 'http://127.0.0.1:9464/metrics',
    });
  });
});
