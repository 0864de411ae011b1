import { expect, test } from 'vitest';
import type { PipelineStatus } from '../../src/reports/pipeline-status.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';
import { alertAbout, alertPayload, deliver } from './alert-payload.ts';

const begun = Date.parse('2026-03-02T09:00:00Z');

async function status({ get }: ServiceUnderTest): Promise<PipelineStatus> {
  return (await get('/api/agent/pipeline-status')).body as PipelineStatus;
}

test('the pipeline’s status tells what fires and what came of it', async () => {
  const service = await serviceUnderTest({ improvements: { budget: { per_hour: 1 } } });
  expect(await status(service)).toMatchObject({ alerts: [], alerts_firing: 0 });
  const runbook_url = 'http://localhost:8000/runbooks/AgentRepeatedFailures';
  await deliver(service, [
    alertPayload({ annotations: { summary: 'Several failed.', runbook_url } }),
    alertPayload({ labels: { alertname: 'DiskFull', severity: 'critical' }, fingerprint: 'disk' }),
    alertAbout('over', { status: 'resolved', endsAt: '2026-03-02T10:00:00Z' }),
  ]);
  await deliver(service, [alertAbout('held', { startsAt: '2026-03-02T10:00:00Z' })]);
  const { items } = (await service.get('/api/agent/improvements')).body as {
    items: { id: string; kind: string }[];
  };
  const idOf = (wanted: string) => items.find(({ kind }) => kind === wanted)?.id;
  const { alerts, alerts_firing } = await status(service);
  expect(alerts_firing).toBe(3);
  expect(alerts).toMatchObject([
    {
      name: 'AgentRepeatedFailures',
      severity: 'warning',
      since: '2026-03-02T09:00:00.123Z',
      labels: { project: 'shop', task_type: 'test' },
      summary: 'Several failed.',
      runbook_url,
      improvement_id: idOf('heal'),
      state: 'proposed',
    },
    { labels: { project: 'held' }, improvement_id: idOf('digest'), state: 'proposed' },
    { name: 'DiskFull', severity: 'critical' },
  ]);
  expect(alerts[2]).not.toHaveProperty('improvement_id');
  await service.send('POST', `/api/agent/improvements/${idOf('heal')}/reject`, {}, { admin: true });
  expect((await status(service)).alerts[0]).toMatchObject({ state: 'rejected' });
});

test('an alert that was not repeated in time may be stale, and the status says so', async () => {
  let now = begun;
  const objectives = { alertmanager: { repeat_interval: '1h', group_interval: '5m' } };
  const service = await serviceUnderTest({ monitoring: { objectives } }, () => now);
  const stale = async () => (await status(service)).alerts.map((alert) => alert.stale ?? false);
  await deliver(service, [alertPayload()]);
  // A repeat comes at the first interval of the group after it is due.
  now += (60 + 2 * 5 + 1) * 60_000;
  expect(await stale()).toEqual([false]);
  now += 1;
  expect(await stale()).toEqual([true]);
  await deliver(service, [alertPayload()]);
  expect(await stale()).toEqual([false]);
});

test('however many fire, the status stays bounded and says how many there are', async () => {
  const service = await serviceUnderTest();
  const long = { summary: 'x'.repeat(10_000) };
  await deliver(
    service,
    Array.from({ length: 120 }, (_, i) => alertAbout(`p${i}`, { annotations: long })),
  );
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`l${i}`, 'x'.repeat(10_000)]));
  await deliver(service, [alertPayload({ labels: { ...many, component: 'andon', severity: 'critical' } })]);
  const { alerts, alerts_firing } = await status(service);
  expect(alerts).toHaveLength(50);
  expect(alerts_firing).toBe(121);
  expect(alerts[1]?.summary).toHaveLength(500);
  expect(JSON.stringify(alerts[0]).length).toBeLessThan(50_000);
});
