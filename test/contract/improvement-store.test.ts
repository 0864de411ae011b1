import { describe, expect, test } from 'vitest';
import type { ReceivedAlert } from '../../src/domain/alert.ts';
import { improvementIdentity, type Proposal } from '../../src/domain/improvement.ts';
import { taskRequest } from '../../src/domain/task.ts';
import { finishStep, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

const cooldown = 3600;

function sampleProposal(
  changes: { starts_at?: string; fingerprint?: string; deliveries?: number } = {},
): Proposal {
  const subject = { project: 'shop', task_type: 'impl' };
  return {
    identity: improvementIdentity('AgentRepeatedFailures', subject),
    kind: 'heal',
    title: 'Mend impl in shop',
    alert: 'AgentRepeatedFailures',
    subject,
    evidence: {
      fingerprint: 'f1',
      starts_at: '2026-03-02T09:00:00Z',
      last_received_at: '2026-03-02T09:00:01Z',
      deliveries: 1,
      labels: subject,
      annotations: {},
      ...changes,
    },
    task: taskRequest.parse({ direction: 'Mend it', task_type: 'heal', project: 'shop' }),
  };
}

function sampleAlert(changes: Partial<ReceivedAlert> = {}): ReceivedAlert {
  return {
    fingerprint: 'f1',
    name: 'AgentRepeatedFailures',
    labels: { alertname: 'AgentRepeatedFailures' },
    annotations: {},
    status: 'firing',
    starts_at: '2026-03-02T09:00:00Z',
    ...changes,
  };
}

describe.each(stores)('$name: alerts', ({ open }) => {
  const delivery = (alerts: ReceivedAlert[]) => ({ raw: '{}', received_at: '2026-03-02T09:00:00Z', alerts });

  test('there is one alert for a fingerprint, with its calls counted by episode', async () => {
    const { store } = open();
    for (let i = 0; i < 3; i++) await store.alerts.receive(delivery([sampleAlert()]));
    expect((await store.alerts.list({ limit: 10 })).items).toMatchObject([
      { deliveries: 3, status: 'firing' },
    ]);
    await store.alerts.receive(
      delivery([sampleAlert({ status: 'resolved', ends_at: '2026-03-02T10:00:00Z' })]),
    );
    await store.alerts.receive(delivery([sampleAlert({ starts_at: '2026-03-02T11:00:00Z' })]));
    expect((await store.alerts.list({ limit: 10 })).items).toMatchObject([
      { deliveries: 1, status: 'firing' },
    ]);
  });

  test('alerts are listed page by page, received last first', async () => {
    const { store, pass } = open();
    for (const fingerprint of ['f1', 'f2', 'f3']) {
      await store.alerts.receive(delivery([sampleAlert({ fingerprint })]));
      if (fingerprint !== 'f2') pass(1);
    }
    const first = await store.alerts.list({ limit: 2 });
    expect(first.items.map(({ fingerprint }) => fingerprint)).toEqual(['f3', 'f2']);
    const second = await store.alerts.list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({ items: [{ fingerprint: 'f1' }], next_cursor: null });
  });

  test('what comes late changes nothing', async () => {
    const { store } = open();
    await store.alerts.receive(delivery([sampleAlert({ status: 'resolved' })]));
    await store.alerts.receive(delivery([sampleAlert()]));
    await store.alerts.receive(delivery([sampleAlert({ starts_at: '2026-03-01T09:00:00Z' })]));
    expect((await store.alerts.list({ limit: 10 })).items).toMatchObject([
      { status: 'resolved', deliveries: 0 },
    ]);
  });

  test('a start that moves back while it fires is the same episode', async () => {
    const { store } = open();
    await store.alerts.receive(delivery([sampleAlert()]));
    const earlier = { starts_at: '2026-03-02T08:59:00Z' };
    await store.alerts.receive(delivery([sampleAlert(earlier)]));
    await store.alerts.receive(
      delivery([sampleAlert({ ...earlier, status: 'resolved', ends_at: '2026-03-02T10:00:00Z' })]),
    );
    expect((await store.alerts.list({ limit: 10 })).items).toMatchObject([
      { status: 'resolved', deliveries: 2 },
    ]);
  });

  test('an alert is to be worked off until it is settled as it is now', async () => {
    const { store } = open();
    await store.alerts.receive(delivery([sampleAlert()]));
    const [before] = await store.alerts.listUnsettled(10);
    await store.alerts.receive(delivery([sampleAlert()]));
    await store.alerts.settle('f1', before?.revision ?? 0);
    const [after] = await store.alerts.listUnsettled(10);
    expect(after?.deliveries).toBe(2);
    await store.alerts.settle('f1', after?.revision ?? 0);
    expect(await store.alerts.listUnsettled(10)).toEqual([]);
  });
});

describe.each(stores)('$name: improvements', ({ open }) => {
  test('however often and however many at once, one identity has one open proposal', async () => {
    const { store } = open();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.improvements.propose(sampleProposal({ deliveries: i + 1 }), cooldown),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    const { items } = await store.improvements.list({ limit: 10 });
    expect(items).toMatchObject([{ state: 'proposed', calls: 20 }]);
    await store.improvements.propose(sampleProposal({ fingerprint: 'f2' }), cooldown);
    expect((await store.improvements.list({ limit: 10, alert_fingerprint: 'f2' })).items).toMatchObject([
      { calls: 21 },
    ]);
  });

  test('approval makes the task in the same step, once; its end ends the improvement, which then cools down', async () => {
    const { store, pass } = open();
    const proposed = await store.improvements.propose(sampleProposal(), cooldown);
    if (proposed.kind !== 'created') throw new Error(proposed.kind);
    const { id } = proposed.improvement;
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
    expect(await store.improvements.propose(sampleProposal(), cooldown)).toMatchObject({ kind: 'cooling' });
    pass(cooldown);
    expect(await store.improvements.propose(sampleProposal(), cooldown)).toMatchObject({ kind: 'created' });
  });

  test('an improvement whose task failed is withdrawn, with the reason', async () => {
    const { store } = open();
    const proposed = await store.improvements.propose(sampleProposal(), cooldown);
    if (proposed.kind !== 'created') throw new Error(proposed.kind);
    const heal = sampleTask({ id: 'heal-1', max_attempts: 1 });
    expect(
      await store.improvements.approve(proposed.improvement.id, 'ada', heal, 'worth a try'),
    ).toMatchObject({ reason: 'worth a try' });
    const [claimed] = await store.tasks.claim({ runner: 'r', executors: ['shell'], free_workers: 1 }, 60);
    if (!claimed) throw new Error('not claimed');
    await store.tasks.finish(finishStep(claimed, { status: 'failed', error_class: 'timeout' }));
    expect(await store.improvements.settle()).toMatchObject([
      { state: 'withdrawn', reason: 'worth a try; its task failed' },
    ]);
  });

  test('what a person rejected stays muted until it has happened twice as often', async () => {
    const { store } = open();
    const proposed = await store.improvements.propose(sampleProposal(), cooldown);
    if (proposed.kind !== 'created') throw new Error(proposed.kind);
    await store.improvements.propose(sampleProposal({ starts_at: '2026-03-02T10:00:00Z' }), cooldown);
    await store.improvements.reject(proposed.improvement.id, 'ada', 'known');
    const again = (hour: number) =>
      store.improvements.propose(sampleProposal({ starts_at: `2026-03-02T${hour}:00:00Z` }), 0);
    expect(await again(10)).toEqual({ kind: 'muted', until_episodes: 4 });
    expect(await again(11)).toEqual({ kind: 'muted', until_episodes: 4 });
    expect(await again(12)).toMatchObject({ kind: 'created' });
    await expect(store.improvements.reject('imp-nobody', 'ada')).rejects.toMatchObject({ code: 'not_found' });
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
