import { expect, test } from 'vitest';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';
import { alertPayload, deliver } from './alert-payload.ts';

const settings = { improvements: { task: { executor: 'shell', command: 'make mend' } } } as const;

async function alerts({ get }: ServiceUnderTest) {
  const { items } = (await get('/api/agent/alerts')).body as { items: Record<string, unknown>[] };
  return items;
}

async function proposed({ get }: ServiceUnderTest) {
  const { items } = (await get('/api/agent/improvements')).body as { items: Record<string, unknown>[] };
  return items;
}

/** What Grafana's own alerting adds, and how it differs: a version of its own, numbers, null, times with a zone. */
function grafanaPayload(labels: object, changes: object = {}) {
  return {
    receiver: 'andon',
    version: '1',
    orgId: 1,
    title: '[FIRING:1] AgentRepeatedFailures Andon (shop)',
    state: 'alerting',
    message: '**Firing**\n\nValue: A=3',
    groupLabels: { alertname: 'AgentRepeatedFailures', grafana_folder: 'Andon' },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'https://grafana.example/',
    groupKey: '{}/{component="andon"}:{alertname="AgentRepeatedFailures", grafana_folder="Andon"}',
    alerts: [
      alertPayload({
        labels,
        startsAt: '2026-03-02T10:00:00.123456789+01:00',
        generatorURL: 'https://grafana.example/alerting/grafana/abc/view?orgId=1',
        fingerprint: 'c6eadffa33fcdf37',
        silenceURL: 'https://grafana.example/alerting/silence/new?alertmanager=grafana',
        dashboardURL: '',
        panelURL: '',
        values: { A: 3, C: 1 },
        valueString: "[ var='A' labels={project=shop} value=3 ]",
        orgId: 1,
      }),
    ],
    ...changes,
  };
}

const ourLabels = alertPayload().labels;

test('a copy of our rule in Grafana speaks for the same proposal as the one in Prometheus', async () => {
  const service = await serviceUnderTest(settings);
  const { alerts: fromGrafana, ...group } = grafanaPayload({ ...ourLabels, grafana_folder: 'Andon' });
  expect(await deliver(service, fromGrafana, group)).toMatchObject({ status: 200, body: { received: 1 } });
  await deliver(service, [alertPayload()]);
  expect(await proposed(service)).toMatchObject([
    {
      subject: { project: 'shop', task_type: 'test' },
      calls: 2,
      evidence: [
        { fingerprint: 'c6eadffa33fcdf37', starts_at: '2026-03-02T09:00:00.123Z' },
        { fingerprint: 'f0', starts_at: '2026-03-02T09:00:00.123Z' },
      ],
    },
  ]);
  const resolved = { ...fromGrafana[0], status: 'resolved', endsAt: '2026-03-02T11:00:00+01:00' };
  await deliver(service, [resolved], { ...group, state: 'ok', status: 'resolved' });
  expect(await alerts(service)).toContainEqual(
    expect.objectContaining({
      fingerprint: 'c6eadffa33fcdf37',
      status: 'resolved',
      ends_at: '2026-03-02T10:00:00.000Z',
    }),
  );
});

test('Grafana’s word that a rule of ours has no data is not that rule’s alert', async () => {
  const service = await serviceUnderTest(settings);
  const labels = { ...ourLabels, alertname: 'DatasourceNoData', rulename: 'AgentRepeatedFailures' };
  const { alerts: one, ...group } = grafanaPayload(labels);
  expect((await deliver(service, one, group)).status).toBe(200);
  expect(await alerts(service)).toMatchObject([{ name: 'DatasourceNoData', ours: false }]);
  expect(await proposed(service)).toEqual([]);
});

test('what differs in type or is missing is taken; only what makes it an alert is asked for', async () => {
  const service = await serviceUnderTest(settings);
  const { fingerprint: _, endsAt: __, ...bare } = alertPayload();
  const odd = {
    ...bare,
    labels: { ...ourLabels, replica: 3, canary: true, nothing: null, list: ['a'] },
    annotations: null,
    values: null,
    valueString: 7,
    orgId: '1',
    silenceURL: null,
  };
  const group = { version: 4, truncatedAlerts: null, status: null, receiver: 7, orgId: '1', title: null };
  expect(await deliver(service, [odd], group)).toMatchObject({ status: 200 });
  expect(await alerts(service)).toMatchObject([
    {
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      labels: { ...ourLabels, replica: '3', canary: 'true' },
      annotations: {},
      ours: true,
    },
  ]);
  expect((await alerts(service))[0]?.labels).not.toHaveProperty('nothing');
  await deliver(service, [odd], group);
  expect(await alerts(service)).toMatchObject([{ deliveries: 2 }]);
  for (const missing of ['status', 'labels', 'startsAt']) {
    const { [missing]: _, ...rest } = alertPayload() as Record<string, unknown>;
    expect((await deliver(service, [rest])).status, missing).toBe(400);
  }
});

const { component: _, ...withoutComponent } = ourLabels;
const { project: __, ...withoutSubject } = withoutComponent;

test.each([
  { what: 'our rule', labels: ourLabels, ours: true },
  { what: 'an older rule file of ours, or a copy by hand', labels: withoutComponent, ours: true },
  {
    what: 'another rule by the same name, of another component',
    labels: { ...ourLabels, component: 'ci' },
    ours: false,
  },
  { what: 'another rule by the same name, about something else', labels: withoutSubject, ours: false },
  { what: 'another rule that says it is ours', labels: { ...ourLabels, alertname: 'DiskFull' }, ours: false },
])('$what: ours is $ours', async ({ labels, ours }) => {
  const service = await serviceUnderTest(settings);
  await deliver(service, [alertPayload({ labels })]);
  expect(await alerts(service)).toMatchObject([{ ours, labels }]);
  expect(await proposed(service)).toHaveLength(ours ? 1 : 0);
  const result = ours ? 'created' : 'unknown_alert';
  expect((await service.get('/metrics')).text).toContain(`andon_webhook_alerts_total{result="${result}"} 1`);
});
