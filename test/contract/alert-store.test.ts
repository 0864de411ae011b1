import { describe, expect, test } from 'vitest';
import { alertRetentionSeconds, type ReceivedAlert } from '../../src/domain/alert.ts';
import { overtakenSeconds } from '../../src/domain/alert-episode.ts';
import type { Store } from '../../src/domain/store.ts';
import { sampleAlert, sampleProposal, sampleRules } from './samples.ts';
import { stores } from './stores.ts';

const delivery = (alerts: ReceivedAlert[], raw = '{}') => ({ raw, alerts });

async function receive({ alerts }: Store, changes: Partial<ReceivedAlert> = {}): Promise<void> {
  await alerts.receive(delivery([sampleAlert(changes)]));
}

async function listed({ alerts }: Store) {
  return (await alerts.list({ limit: 10 })).items;
}

describe.each(stores)('$name: alerts', ({ open }) => {
  test('there is one alert for a fingerprint, with its calls counted by episode', async () => {
    const { store } = open();
    for (let i = 0; i < 3; i++) await receive(store);
    expect(await listed(store)).toMatchObject([{ deliveries: 3, status: 'firing' }]);
    await receive(store, { status: 'resolved', ends_at: '2026-03-02T10:00:00Z' });
    expect(await listed(store)).toMatchObject([{ status: 'resolved', ends_at: '2026-03-02T10:00:00Z' }]);
    await receive(store, { starts_at: '2026-03-02T11:00:00Z' });
    expect(await listed(store)).toMatchObject([{ deliveries: 1, status: 'firing' }]);
  });

  test('alerts are listed page by page, received last first', async () => {
    const { store, pass } = open();
    for (const fingerprint of ['f1', 'f2', 'f3']) {
      await receive(store, { fingerprint });
      if (fingerprint !== 'f2') pass(1);
    }
    const first = await store.alerts.list({ limit: 2 });
    expect(first.items.map(({ fingerprint }) => fingerprint)).toEqual(['f3', 'f2']);
    const second = await store.alerts.list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({ items: [{ fingerprint: 'f1' }], next_cursor: null });
  });

  test('what comes late changes nothing, and is not worked off again', async () => {
    const { store } = open();
    await receive(store, { status: 'resolved' });
    const [resolved] = await store.alerts.listUnsettled(10);
    await store.alerts.settle(resolved ? [resolved] : []);
    await receive(store);
    await receive(store, { starts_at: '2026-03-01T09:00:00Z' });
    await receive(store, { status: 'resolved' });
    expect(await listed(store)).toMatchObject([{ status: 'resolved', deliveries: 0 }]);
    expect(await store.alerts.listUnsettled(10)).toEqual([]);
  });

  test('what goes on firing after a "resolved" fires: the sender had only lost sight of it', async () => {
    const { store, pass } = open();
    await receive(store);
    await receive(store, { status: 'resolved', ends_at: '2026-03-02T09:05:00Z' });
    pass(overtakenSeconds);
    await receive(store);
    expect(await listed(store)).toMatchObject([{ status: 'resolved' }]);
    pass(1);
    await receive(store);
    expect(await listed(store)).toMatchObject([
      { status: 'firing', starts_at: '2026-03-02T09:00:00Z', deliveries: 2, ends_at: undefined },
    ]);
  });

  test('the end of an earlier episode does not end this one', async () => {
    const { store } = open();
    await receive(store, { starts_at: '2026-03-02T11:00:00Z' });
    await receive(store, { status: 'resolved', ends_at: '2026-03-02T10:00:00Z' });
    expect(await listed(store)).toMatchObject([{ status: 'firing', starts_at: '2026-03-02T11:00:00Z' }]);
  });

  test.each([
    ['2026-03-02T09:00:00Z', '2026-03-02T09:00:10Z'],
    ['2026-03-02T09:00:10Z', '2026-03-02T09:00:00Z'],
  ])(
    'starts that differ while it fires are one episode: each Alertmanager has its own',
    async (one, other) => {
      const { store, pass } = open();
      pass(30);
      for (const starts_at of [one, other, one, other]) await receive(store, { starts_at });
      expect(await listed(store)).toMatchObject([{ status: 'firing', starts_at: one, deliveries: 4 }]);
      await receive(store, { starts_at: other, status: 'resolved', ends_at: '2026-03-02T10:00:00Z' });
      await receive(store, { starts_at: one });
      expect(await listed(store)).toMatchObject([{ status: 'resolved', deliveries: 4 }]);
    },
  );

  test('an alert is to be worked off until it is settled as it is now', async () => {
    const { store } = open();
    await receive(store);
    const [before] = await store.alerts.listUnsettled(10);
    await receive(store);
    await store.alerts.settle(before ? [before] : []);
    const [after] = await store.alerts.listUnsettled(10);
    expect(after?.deliveries).toBe(2);
    await store.alerts.settle(after ? [after] : []);
    expect(await store.alerts.listUnsettled(10)).toEqual([]);
  });

  test('what fires is listed with what came of it: ours first, then by severity and age', async () => {
    const { store } = open();
    const firing = (fingerprint: string, severity: string, hour: number, component?: string) =>
      sampleAlert({
        fingerprint,
        labels: { severity, ...(component && { component }) },
        starts_at: `2026-03-02T0${hour}:00:00Z`,
      });
    await store.alerts.receive(
      delivery([
        firing('foreign', 'critical', 1),
        firing('late', 'warning', 4, 'andon'),
        firing('early', 'warning', 3, 'andon'),
        firing('grave', 'critical', 5, 'andon'),
        { ...firing('over', 'critical', 1, 'andon'), status: 'resolved' },
      ]),
    );
    const [made] = await store.improvements.propose([sampleProposal({ fingerprint: 'late' })], sampleRules);
    const { total, alerts } = await store.alerts.listFiring(3);
    expect(total).toBe(4);
    expect(alerts.map(({ fingerprint }) => fingerprint)).toEqual(['grave', 'early', 'late']);
    const id = made?.kind === 'created' ? made.id : '';
    expect(alerts.map(({ improvement }) => improvement)).toEqual([
      undefined,
      undefined,
      { id, state: 'proposed' },
    ]);
  });
});

describe.each(stores)('$name: what the webhook was sent', ({ open }) => {
  test('calls are kept as they came for 30 days, and then forgotten', async () => {
    const { store, pass } = open();
    const raw = '{"alerts": [],\n "title": "[FIRING:2] naïve \u{1f525}"}';
    await store.alerts.receive(delivery([sampleAlert()], raw));
    const { items } = await store.alerts.listDeliveries({ limit: 10 });
    expect(items).toEqual([
      {
        id: expect.any(String),
        received_at: '2026-03-02T09:00:00.000Z',
        alerts: 1,
        bytes: Buffer.byteLength(raw),
      },
    ]);
    const id = items[0]?.id ?? '';
    pass(alertRetentionSeconds);
    expect(await store.alerts.forget(alertRetentionSeconds)).toBe(0);
    expect(await store.alerts.findDelivery(id)).toBe(raw);
    pass(1);
    expect(await store.alerts.forget(alertRetentionSeconds)).toBe(1);
    expect(await store.alerts.findDelivery(id)).toBeUndefined();
  });

  test('an alert that no call tells of is forgotten too, but not before it is worked off', async () => {
    const { store, pass } = open();
    await receive(store, { fingerprint: 'done' });
    await store.alerts.settle(await store.alerts.listUnsettled(10));
    await receive(store, { fingerprint: 'waits' });
    pass(alertRetentionSeconds + 1);
    await store.alerts.forget(alertRetentionSeconds);
    expect((await listed(store)).map(({ fingerprint }) => fingerprint)).toEqual(['waits']);
  });

  test('calls are listed page by page, the last first', async () => {
    const { store, pass } = open();
    for (let i = 0; i < 3; i++) {
      await store.alerts.receive(delivery([], `{"n": ${i}}`));
      if (i > 0) pass(1);
    }
    const first = await store.alerts.listDeliveries({ limit: 2 });
    const second = await store.alerts.listDeliveries({ limit: 2, cursor: first.next_cursor ?? '' });
    const bodies = [...first.items, ...second.items].map(({ id }) => store.alerts.findDelivery(id));
    expect(await Promise.all(bodies)).toEqual(['{"n": 2}', '{"n": 1}', '{"n": 0}']);
    expect(second.next_cursor).toBeNull();
  });

  test('the store knows when it was last called, also after the call is forgotten, and what is left to do', async () => {
    const under = open();
    const { store, pass, now } = under;
    expect(await store.alerts.webhookState()).toEqual({ unsettled: 0, last_call: undefined });
    await receive(store);
    await receive(store, { fingerprint: 'f2' });
    const last_call = now();
    expect(await store.alerts.webhookState()).toEqual({ unsettled: 2, last_call });
    await store.alerts.settle(await store.alerts.listUnsettled(1));
    pass(alertRetentionSeconds + 1);
    await store.alerts.forget(alertRetentionSeconds);
    expect(await (await under.reopen()).alerts.webhookState()).toEqual({ unsettled: 1, last_call });
  });
});
