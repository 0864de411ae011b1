import { expect, test } from 'vitest';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';
import { alertAbout, alertToken, deliver, webhookPayload } from './alert-payload.ts';

const settings = {
  improvements: { task: { executor: 'shell', command: 'make mend' } },
} as const;

function payload(changes: object = {}, count = 1) {
  const alerts = Array.from({ length: count }, (_, i) =>
    alertAbout(`shop${i || ''}`, { fingerprint: `f${i}`, ...changes }),
  );
  return webhookPayload(alerts);
}

async function improvements({ get }: ServiceUnderTest) {
  return (await get('/api/agent/improvements')).body as {
    items: { id: string; state: string; calls: number }[];
  };
}

test('however often Alertmanager calls, there is one proposal, and approval makes one task', async () => {
  const service = await serviceUnderTest(settings);
  const token = alertToken(service);
  for (let i = 0; i < 12; i++) {
    expect(await service.send('POST', '/api/alerts', payload(), { token })).toMatchObject({ status: 200 });
  }
  await expect.poll(() => improvements(service)).toMatchObject({ items: [{ state: 'proposed', calls: 12 }] });
  const { items } = await improvements(service);
  expect(items).toHaveLength(1);
  const approved = await service.send(
    'POST',
    `/api/agent/improvements/${items[0]?.id}/approve`,
    { reason: 'seen it before' },
    { admin: true },
  );
  expect(approved.body).toMatchObject({
    state: 'scheduled',
    decided_by: 'admin',
    reason: 'seen it before',
  });
  const { task_id } = approved.body as { task_id: string };
  expect((await service.get(`/api/agent/tasks/${task_id}`)).body).toMatchObject({
    task_type: 'heal',
    executor: 'shell',
    model: 'none',
    context: { command: 'make mend' },
    origin: `improvement:${items[0]?.id}`,
    direction: expect.stringContaining('<alert-data>'),
  });
  const twice = await service.send(
    'POST',
    `/api/agent/improvements/${items[0]?.id}/approve`,
    {},
    { admin: true },
  );
  expect(twice.status).toBe(409);
});

test('an alert that Andon does not know, or that has resolved, is stored and proposes nothing', async () => {
  const service = await serviceUnderTest(settings);
  const token = alertToken(service);
  await service.send(
    'POST',
    '/api/alerts',
    payload({ labels: { alertname: 'DiskFull' }, fingerprint: 'd' }),
    { token },
  );
  await service.send('POST', '/api/alerts', payload({ status: 'resolved', endsAt: '2026-03-02T10:00:00Z' }), {
    token,
  });
  await expect
    .poll(async () => (await service.get('/metrics')).text)
    .toContain('andon_webhook_alerts_total{result="unknown_alert"} 1');
  await expect
    .poll(async () => (await service.get('/metrics')).text)
    .toContain('andon_webhook_alerts_total{result="no_proposal"} 1');
  expect((await improvements(service)).items).toEqual([]);
  const { body } = await service.get('/api/agent/alerts');
  expect((body as { items: unknown[] }).items).toHaveLength(2);
});

test('a large group is taken whole, and what is not of that shape is refused', async () => {
  const service = await serviceUnderTest(settings);
  const token = alertToken(service);
  const large = payload({ annotations: { summary: 'x'.repeat(600) } }, 5000);
  expect(JSON.stringify(large).length).toBeGreaterThan(3_000_000);
  expect(await service.send('POST', '/api/alerts', large, { token })).toMatchObject({
    body: { received: 5000 },
  });
  const tooLarge = `${' '.repeat(32 * 1024 * 1024)}{"alerts": []}`;
  expect((await service.send('POST', '/api/alerts', tooLarge, { token })).status).toBe(413);
  expect((await service.send('POST', '/api/alerts', 'nonsense', { token })).status).toBe(400);
  expect(
    await service.send('POST', '/api/alerts', { alerts: [{ status: 'firing' }] }, { token }),
  ).toMatchObject({
    status: 400,
    body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/alerts/0/labels' })]) },
  });
});

test('the webhook takes the alert token, and nothing else does', async () => {
  const service = await serviceUnderTest(settings);
  const token = alertToken(service);
  expect((await service.send('POST', '/api/alerts', payload())).status).toBe(401);
  expect(
    (await service.send('POST', '/api/alerts', payload(), { token: 'wrong-wrong-wrong-wrong' })).status,
  ).toBe(401);
  const approve = await service.send('POST', '/api/agent/improvements/imp-x/approve', {}, { token });
  expect(approve.status).toBe(403);
});

test('a crash between answer and work loses nothing: the next start works it off', async () => {
  const data_dir = temporaryFolder();
  const first = await serviceUnderTest({ ...settings, data_dir });
  await first.store.alerts.receive({
    raw: '{}',
    alerts: [
      {
        fingerprint: 'f0',
        name: 'AgentRepeatedFailures',
        labels: { alertname: 'AgentRepeatedFailures', project: 'shop', task_type: 'test' },
        annotations: {},
        status: 'firing',
        starts_at: '2026-03-02T09:00:00.000Z',
      },
    ],
  });
  await first.close();
  const second = await serviceUnderTest({ ...settings, data_dir });
  await expect
    .poll(() => improvements(second), { timeout: 10_000 })
    .toMatchObject({ items: [{ state: 'proposed' }] });
});

test('alerts are listed page by page', async () => {
  const service = await serviceUnderTest(settings);
  const { alerts } = payload();
  const group = {
    ...payload(),
    alerts: ['a', 'b', 'c'].map((fingerprint) => ({ ...alerts[0], fingerprint })),
  };
  await service.send('POST', '/api/alerts', group, { token: alertToken(service) });
  const page = async (query: string) =>
    (await service.get(`/api/agent/alerts?limit=2${query}`)).body as {
      items: { fingerprint: string }[];
      next_cursor: string | null;
    };
  const first = await page('');
  const second = await page(`&cursor=${first.next_cursor}`);
  expect([...first.items, ...second.items].map(({ fingerprint }) => fingerprint)).toEqual(['c', 'b', 'a']);
  expect(second.next_cursor).toBeNull();
  expect((await service.get('/api/agent/alerts?cursor=x')).status).toBe(400);
});

test('a call is kept as it came, and can be read', async () => {
  const service = await serviceUnderTest(settings);
  const body = `${JSON.stringify(payload({}, 2), null, 1)}\n`;
  await service.send('POST', '/api/alerts', body, { token: alertToken(service) });
  const { items } = (await service.get('/api/agent/alerts/deliveries')).body as { items: { id: string }[] };
  expect(items).toMatchObject([{ alerts: 2, bytes: body.length }]);
  const kept = await service.get(`/api/agent/alerts/deliveries/${items[0]?.id}`);
  expect(kept.text).toBe(body);
  expect(kept.headers.get('content-type')).toContain('application/json');
  expect((await service.get('/api/agent/alerts/deliveries/999')).status).toBe(404);
  expect((await service.get('/api/agent/alerts/deliveries/x')).status).toBe(400);
});

test('decisions are made alert by alert, whatever the group says', async () => {
  const service = await serviceUnderTest(settings);
  const ended = { status: 'resolved', endsAt: '2026-03-02T10:00:00Z' };
  await deliver(service, [alertAbout('a'), alertAbout('b', ended)], {
    status: 'resolved',
    truncatedAlerts: 3,
  });
  const { body } = await service.get('/api/agent/alerts?status=firing');
  expect(body).toMatchObject({ items: [{ labels: { project: 'a' } }] });
  expect(await improvements(service)).toMatchObject({ items: [{ state: 'proposed', calls: 1 }] });
  expect((await service.get('/metrics')).text).toContain('andon_webhook_alerts_total{result="truncated"} 3');
});

test('while a large group is worked off, others are answered and see how much is left', async () => {
  const service = await serviceUnderTest(settings);
  await service.send('POST', '/api/alerts', payload({}, 3000), { token: alertToken(service) });
  const left = async () =>
    Number(/^andon_alerts_unsettled (\d+)$/m.exec((await service.get('/metrics')).text)?.[1]);
  const seen = [await left()];
  while (seen.at(-1) !== 0) seen.push(await left());
  // Neither before the first step nor after the last.
  expect(seen.filter((unsettled) => unsettled > 0 && unsettled < 3000)).not.toEqual([]);
  expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  expect((await service.get('/metrics')).text).toContain(
    'andon_webhook_alerts_total{result="held_back"} 2998',
  );
});

test('when Alertmanager last called is told, and nothing at all before it has', async () => {
  let now = Date.parse('2026-03-02T09:00:00.500Z');
  const service = await serviceUnderTest(settings, () => now);
  const lastCall = async () =>
    /^andon_webhook_last_call_timestamp_seconds (\S+)$/m.exec((await service.get('/metrics')).text)?.[1];
  expect(await lastCall()).toBeUndefined();
  expect((await service.get('/metrics')).text).toContain('andon_alerts_unsettled 0');
  // What is refused is no call that works.
  await service.send('POST', '/api/alerts', 'nonsense', { token: alertToken(service) });
  await service.send('POST', '/api/alerts', payload());
  expect(await lastCall()).toBeUndefined();
  await service.send('POST', '/api/alerts', webhookPayload([]), { token: alertToken(service) });
  expect(Number(await lastCall())).toBe(now / 1000);
  now += 60_000;
  expect(Number(await lastCall())).toBe(now / 1000 - 60);
});

test('whoever approves may change what the task is told, and nothing that is run', async () => {
  const service = await serviceUnderTest();
  await deliver(service, [alertAbout('shop')]);
  const [proposal] = (await service.store.improvements.list({ limit: 10 })).items;
  const path = `/api/agent/improvements/${proposal?.id}/approve`;
  const approve = (body: object) => service.send('POST', path, body, { admin: true });
  expect((await approve({ executor: 'shell' })).status).toBe(400);
  expect((await approve({ direction: '' })).status).toBe(400);
  const edits = { direction: 'Mend only the test of the cart.', priority: 7, project: 'cart' };
  expect((await approve({ ...edits, reason: 'narrower' })).body).toMatchObject({
    state: 'scheduled',
    reason: 'narrower',
    task: edits,
  });
  const { items } = await service.store.tasks.list({ limit: 10 });
  expect(items).toMatchObject([{ ...edits, executor: proposal?.task.executor ?? 'claude-code' }]);
});
