import { describe, expect, test } from 'vitest';
import { alertRetentionSeconds } from '../../src/domain/alert.ts';
import type { ProposalBudget } from '../../src/domain/improvement.ts';
import type { Store } from '../../src/domain/store.ts';
import { finishStep, sampleAlert, sampleProposal, sampleRules, sampleTask } from './samples.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const hour = 3600;
const wide = { per_hour: 100, per_day: 100, open: 100 };

/** Proposes one for each of these projects, in one step, and answers what came of each. */
async function propose(
  { improvements }: Store,
  projects: string[],
  budget: Partial<ProposalBudget> = {},
  starts_at = '2026-03-02T09:00:00Z',
) {
  const results = await improvements.propose(
    projects.map((project) => sampleProposal({ fingerprint: `f-${project}`, starts_at }, project)),
    { ...sampleRules, budget: { ...wide, ...budget } },
  );
  return results.map(({ kind }) => kind);
}

async function digests({ improvements }: Store) {
  return (await improvements.list({ kind: 'digest', limit: 10 })).items;
}

async function listedIn(store: Store, digest: string | undefined) {
  const { items } = await store.improvements.listHeldBack(digest ?? '', { limit: 100 });
  return items.map(({ title }) => title);
}

/** Makes the task of an improvement, and completes it. */
async function finishTask({ store }: StoreUnderTest, id: string): Promise<void> {
  await store.improvements.approve(id, 'ada', sampleTask({ id: `task-${id.slice(4)}`, max_attempts: 1 }));
  const [claimed] = await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60);
  if (!claimed) throw new Error('not claimed');
  await store.tasks.finish(finishStep(claimed));
  await store.improvements.settle();
}

describe.each(stores)('$name: the budget of proposals', ({ open }) => {
  test('so many are proposed within an hour, and one digest lists the others', async () => {
    const { store, pass } = open();
    expect(await propose(store, ['a', 'b', 'c', 'd'], { per_hour: 2 })).toEqual([
      'created',
      'created',
      'held_back',
      'held_back',
    ]);
    const [digest, ...others] = await digests(store);
    expect(others).toEqual([]);
    expect(digest).toMatchObject({
      identity: 'the digest',
      state: 'proposed',
      alert: '',
      calls: 2,
      held_back: {
        total: 2,
        by_alert: { AgentRepeatedFailures: 2 },
        oldest: expect.arrayContaining([
          {
            identity: sampleProposal({}, 'c').identity,
            title: 'Mend impl in c',
            alert: 'AgentRepeatedFailures',
            subject: { project: 'c', task_type: 'impl' },
            fingerprint: 'f-c',
            since: '2026-03-02T09:00:00.000Z',
            last_at: '2026-03-02T09:00:00.000Z',
            count: 1,
            firing: false,
          },
        ]),
      },
    });
    pass(hour - 1);
    expect(await propose(store, ['c'], { per_hour: 2 })).toEqual(['held_back']);
    pass(1);
    expect(await propose(store, ['c', 'd', 'e'], { per_hour: 2 })).toEqual([
      'created',
      'created',
      'held_back',
    ]);
    expect(await digests(store)).toMatchObject([{ id: digest?.id, held_back: { total: 1 } }]);
  });

  test('so many are open at once: a decision makes room', async () => {
    const { store } = open();
    expect(await propose(store, ['a', 'b'], { open: 1 })).toEqual(['created', 'held_back']);
    const { items } = await store.improvements.list({ kind: 'heal', limit: 10 });
    await store.improvements.reject(items[0]?.id ?? '', 'ada');
    expect(await propose(store, ['a', 'b', 'c'], { open: 1 })).toEqual(['muted', 'created', 'held_back']);
  });

  test('so many are proposed within 24 hours', async () => {
    const { store, pass } = open();
    expect(await propose(store, ['a', 'b'], { per_day: 1 })).toEqual(['created', 'held_back']);
    pass(23 * hour);
    expect(await propose(store, ['b'], { per_day: 1 })).toEqual(['held_back']);
    pass(hour);
    expect(await propose(store, ['b'], { per_day: 1 })).toEqual(['created']);
  });

  test('what is open already needs no room, and neither does what is muted or cools down', async () => {
    const { store } = open();
    await propose(store, ['a']);
    expect(await propose(store, ['a'], { open: 0 })).toEqual(['merged']);
    expect(await digests(store)).toEqual([]);
  });

  test('however many are proposed at once, the budget holds and there is one digest', async () => {
    const { store } = open();
    const projects = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const results = await Promise.all(projects.map((project) => propose(store, [project], { per_hour: 3 })));
    expect(results.flat().filter((kind) => kind === 'created')).toHaveLength(3);
    expect(await digests(store)).toMatchObject([{ held_back: { total: 37 } }]);
  });

  test('done again after a crash, nothing is counted twice', async () => {
    const { store } = open();
    const step = () => propose(store, ['a', 'b', 'c'], { per_hour: 1 });
    await step();
    expect(await step()).toEqual(['merged', 'held_back', 'held_back']);
    expect(await digests(store)).toMatchObject([{ calls: 2, held_back: { total: 2 } }]);
  });
});

describe.each(stores)('$name: a digest', ({ open }) => {
  test('what is proposed by itself leaves the list, with what was known of it; an empty digest is withdrawn', async () => {
    const { store, pass } = open();
    await propose(store, ['a', 'b', 'c'], { per_hour: 1 });
    await propose(store, ['b'], { per_hour: 1 }, '2026-03-02T09:30:00Z');
    pass(hour);
    expect(await propose(store, ['b'], { per_hour: 1 }, '2026-03-02T10:30:00Z')).toEqual(['created']);
    const [latest] = (await store.improvements.list({ kind: 'heal', limit: 1 })).items;
    expect(latest?.evidence.map(({ starts_at }) => starts_at.slice(11, 16))).toEqual([
      '09:00',
      '09:30',
      '10:30',
    ]);
    const [digest] = await digests(store);
    expect(await listedIn(store, digest?.id)).toEqual(['Mend impl in c']);
    pass(hour);
    await propose(store, ['c'], { per_hour: 1 });
    expect(await digests(store)).toMatchObject([{ state: 'withdrawn', held_back: { total: 0 } }]);
  });

  test('a decided digest is not followed by another about the same, until it has cooled down', async () => {
    const under = open();
    const { store, pass } = under;
    const again = () => propose(store, ['a', 'b'], { open: 0 });
    await again();
    const [digest] = await digests(store);
    pass(60);
    await finishTask(under, digest?.id ?? '');
    expect(await again()).toEqual(['held_back', 'held_back']);
    expect(await digests(store)).toMatchObject([{ id: digest?.id, state: 'done' }]);
    pass(sampleRules.cooldown_seconds);
    await again();
    const [next, last] = await digests(store);
    expect(last?.id).toBe(digest?.id);
    expect(next).toMatchObject({ state: 'proposed', held_back: { total: 2 } });
  });

  test('what is new after a digest was rejected makes another', async () => {
    const { store, pass } = open();
    await propose(store, ['a', 'b'], { open: 0 });
    const [digest] = await digests(store);
    await store.improvements.reject(digest?.id ?? '', 'ada');
    pass(1);
    await propose(store, ['a', 'b', 'c'], { open: 0 });
    const [next] = await digests(store);
    expect(next?.state).toBe('proposed');
    expect(await listedIn(store, next?.id)).toEqual(['Mend impl in c']);
  });

  test('while its task runs, the list grows, and what came after the approval is told again when it is done', async () => {
    const under = open();
    const { store, pass } = under;
    await propose(store, ['a'], { open: 0 });
    const [digest] = await digests(store);
    await store.improvements.approve(digest?.id ?? '', 'ada', sampleTask({ id: 'cause' }));
    pass(60);
    await propose(store, ['b'], { open: 0 });
    expect(await digests(store)).toMatchObject([{ state: 'scheduled', held_back: { total: 2 } }]);
    const [claimed] = await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60);
    if (!claimed) throw new Error('not claimed');
    await store.tasks.finish(finishStep(claimed));
    await store.improvements.settle();
    await propose(store, ['a', 'b'], { open: 0 });
    const [next] = await digests(store);
    expect(await listedIn(store, next?.id)).toEqual(['Mend impl in b']);
  });

  test('its list is complete, page by page, and says what still fires and what all are about', async () => {
    const { store } = open();
    const projects = Array.from({ length: 120 }, (_, i) => `p${String(i).padStart(3, '0')}`);
    await store.alerts.receive({ raw: '{}', alerts: [sampleAlert({ fingerprint: 'f-p007' })] });
    await propose(store, projects, { open: 0 });
    const [digest] = await digests(store);
    expect(digest?.held_back).toMatchObject({ total: 120, project: undefined });
    expect(digest?.held_back?.oldest).toHaveLength(50);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.improvements.listHeldBack(digest?.id ?? '', { limit: 50, cursor });
      seen.push(...page.items.map(({ subject, firing }) => `${subject.project}${firing ? '!' : ''}`));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen.sort()).toEqual(projects.map((project) => (project === 'p007' ? 'p007!' : project)));
    expect(await store.improvements.listHeldBack('imp-nobody', { limit: 5 })).toMatchObject({ items: [] });
  });

  test('it is found by the fingerprint of what it lists, and told as what came of that alert', async () => {
    const { store } = open();
    await store.alerts.receive({ raw: '{}', alerts: [sampleAlert({ fingerprint: 'f-a' })] });
    await propose(store, ['a', 'b'], { open: 0 });
    const [digest] = await digests(store);
    const found = await store.improvements.list({ alert_fingerprint: 'f-a', limit: 10 });
    expect(found.items.map(({ id }) => id)).toEqual([digest?.id]);
    const { alerts } = await store.alerts.listFiring(10);
    expect(alerts).toMatchObject([{ improvement: { id: digest?.id, state: 'proposed' } }]);
  });

  test('what nobody tells of any more is forgotten once its digest is decided', async () => {
    const { store, pass } = open();
    await propose(store, ['a'], { open: 0 });
    const [digest] = await digests(store);
    pass(alertRetentionSeconds + 1);
    await store.alerts.forget(alertRetentionSeconds);
    expect(await listedIn(store, digest?.id)).toHaveLength(1);
    await store.improvements.reject(digest?.id ?? '', 'ada');
    await store.alerts.forget(alertRetentionSeconds);
    expect(await listedIn(store, digest?.id)).toEqual([]);
  });
});
