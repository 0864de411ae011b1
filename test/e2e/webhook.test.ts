import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { labelFingerprint } from '../../src/domain/label-fingerprint.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { alertToken } from '../api/alert-payload.ts';
import { until } from '../process-under-test.ts';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';
import { alertmanagerUnderTest, cleared, ourAlert } from './alertmanager-under-test.ts';

const settings = { improvements: { budget: { per_hour: 100, per_day: 100, open: 100 } } };
const seconds = 20;

function webhookOf(service: ServiceUnderTest, changes: { max_alerts?: number; url?: string } = {}) {
  return { url: `${service.url}/api/alerts`, token: alertToken(service), ...changes };
}

/** What is stored of each alert, by the project that it is about. */
async function stored({ store }: ServiceUnderTest) {
  const { items } = await store.alerts.list({ limit: 500 });
  return Object.fromEntries(
    items
      .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
      .map(({ labels, status, deliveries }) => [labels.project, { status, deliveries }]),
  );
}

async function proposals({ store }: ServiceUnderTest) {
  const { items } = await store.improvements.list({ limit: 500 });
  return items.map(({ subject, calls, evidence }) => ({
    project: subject.project,
    calls,
    episodes: evidence.length,
  }));
}

/** The bodies of the calls, the first one first. */
async function calls({ store }: ServiceUnderTest) {
  const { items } = await store.alerts.listDeliveries({ limit: 500 });
  const bodies = await Promise.all(items.toReversed().map(({ id }) => store.alerts.findDelivery(id)));
  return bodies.map((body) => JSON.parse(body ?? '') as Record<string, unknown>);
}

async function settled({ store }: ServiceUnderTest): Promise<void> {
  await until(
    () => store.alerts.webhookState(),
    ({ unsettled }) => unsettled === 0,
    { seconds, what: 'all is worked off' },
  );
}

test('a store that is away: Alertmanager gets 503, tries again, and nothing is lost', async () => {
  const blocked = join(temporaryFolder(), 'in-the-way');
  writeFileSync(blocked, 'a file where a folder should be');
  const data_dir = temporaryFolder();
  const service = await serviceUnderTest({ ...settings, data_dir, store: `sqlite:${blocked}/andon.db` });
  const alertmanager = await alertmanagerUnderTest(webhookOf({ ...service, folder: data_dir }), {
    group_by: ['alertname'],
  });
  await alertmanager.post([ourAlert('shop'), ourAlert('blog')]);
  const refused = /route="\/api\/alerts",status_code="503"\} [1-9]/;
  await until(
    async () => (await service.get('/metrics')).text,
    (text) => refused.test(text),
    { seconds, what: 'a call is refused' },
  );
  rmSync(blocked);
  mkdirSync(blocked);
  await until(
    () => proposals(service),
    (found) => found.length === 2,
    { seconds, what: 'both are proposed' },
  );
  expect(await stored(service)).toEqual({
    shop: { status: 'firing', deliveries: 1 },
    blog: { status: 'firing', deliveries: 1 },
  });
});

test('a group that is cut says "resolved" while alerts fire: each alert is taken for itself', async () => {
  const service = await serviceUnderTest(settings);
  const alertmanager = await alertmanagerUnderTest(webhookOf(service, { max_alerts: 2 }), {
    group_by: ['alertname'],
    repeat_interval: '1s',
  });
  const all = ['a', 'b', 'c', 'd', 'e'].map((project) => ourAlert(project));
  await alertmanager.post(all);
  await until(
    () => proposals(service),
    (found) => found.length === 2,
    { seconds, what: 'the first two' },
  );
  await alertmanager.post(all.slice(0, 2).map(cleared));
  await until(
    () => calls(service),
    (made) => made.some(({ status, truncatedAlerts }) => status === 'resolved' && truncatedAlerts === 3),
    { seconds, what: 'a group of which three fire is called resolved' },
  );
  await until(
    () => proposals(service),
    (found) => found.length === 4,
    { seconds, what: 'the next two' },
  );
  await settled(service);
  expect(await stored(service)).toMatchObject({
    a: { status: 'resolved' },
    b: { status: 'resolved' },
    c: { status: 'firing' },
    d: { status: 'firing' },
  });
  expect((await proposals(service)).map(({ project }) => project).sort()).toEqual(['a', 'b', 'c', 'd']);
  expect((await service.get('/metrics')).text).toMatch(
    /andon_webhook_alerts_total\{result="truncated"\} [1-9]/,
  );
});

test('when the groups change, the same alert stays the same', async () => {
  const service = await serviceUnderTest(settings);
  const alertmanager = await alertmanagerUnderTest(webhookOf(service), { group_by: ['alertname'] });
  const alert = ourAlert('shop');
  await alertmanager.post([alert]);
  await until(
    () => proposals(service),
    (found) => found.length === 1,
    { seconds, what: 'a proposal' },
  );
  await alertmanager.reload({ group_by: ['alertname', 'project'], matchers: ['component="andon"'] });
  await alertmanager.post([alert]);
  await until(
    () => calls(service),
    (made) => made.length >= 2,
    { seconds, what: 'a call of the new group' },
  );
  await settled(service);
  expect(new Set((await calls(service)).map(({ groupKey }) => groupKey)).size).toBe(2);
  const deliveries = (await calls(service)).length;
  expect(await stored(service)).toEqual({ shop: { status: 'firing', deliveries } });
  expect(await proposals(service)).toEqual([{ project: 'shop', calls: deliveries, episodes: 1 }]);
  // The fingerprint is what we would make of the labels.
  const { items } = await service.store.alerts.list({ limit: 1 });
  expect(items[0]?.fingerprint).toBe(labelFingerprint(alert.labels));
});

test('answers that come after Alertmanager has hung up: it calls again, and nothing is there twice', async () => {
  const service = await serviceUnderTest(settings);
  const slow = await slowProxy(service.url);
  const alertmanager = await alertmanagerUnderTest(webhookOf(service, { url: `${slow.url}/api/alerts` }), {
    group_by: ['alertname'],
  });
  await alertmanager.post([ourAlert('shop'), ourAlert('blog')]);
  await until(
    () => calls(service),
    (made) => made.length >= 2,
    { seconds: 40, what: 'it calls again' },
  );
  expect(slow.abandoned()).toBeGreaterThan(0);
  slow.hurry();
  await settled(service);
  const found = await stored(service);
  expect(Object.keys(found).sort()).toEqual(['blog', 'shop']);
  expect(found.shop?.deliveries).toBeGreaterThanOrEqual(2);
  expect(await proposals(service)).toHaveLength(2);
}, 60_000);

/** Passes requests on at once, and the answers only after whoever asked has gone away. */
async function slowProxy(target: string) {
  let abandoned = 0;
  let hurried = false;
  const server = createServer(async (request, response) => {
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await fetch(target + request.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: request.headers.authorization ?? '',
      },
      body: Buffer.concat(chunks),
    });
    if (!hurried) {
      await gone;
      abandoned += 1;
      return;
    }
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    abandoned: () => abandoned,
    hurry: () => {
      hurried = true;
    },
  };
}

test.each([
  { pair: 'gossip', gossip: true },
  { pair: 'do not know of each other', gossip: false },
])('two Alertmanagers that $pair: one alert, one proposal', async ({ gossip }) => {
  const service = await serviceUnderTest(settings);
  const ports = [await freePort(21_000), await freePort(21_500)];
  const pair = await Promise.all(
    ports.map((port) =>
      alertmanagerUnderTest(
        webhookOf(service),
        { group_by: ['alertname'] },
        gossip ? { port, peers: ports.filter((other) => other !== port), peerTimeoutSeconds: 1 } : undefined,
      ),
    ),
  );
  if (gossip)
    await until(
      () => peersOf(pair[0]?.url ?? ''),
      (peers) => peers === 2,
      { seconds, what: 'a pair' },
    );
  // Two Prometheus servers see the same a moment apart.
  const began = Date.now() - 60_000;
  const seenBy = (index: number) =>
    ourAlert('shop', { startsAt: new Date(began + index * 5000).toISOString() });
  await Promise.all(pair.map((one, index) => one.post([seenBy(index)])));
  const expected = gossip ? 1 : 2;
  await until(
    () => calls(service),
    (made) => made.length >= expected,
    { seconds, what: 'the calls' },
  );
  await settled(service);
  expect(await stored(service)).toMatchObject({ shop: { status: 'firing' } });
  expect(await proposals(service)).toMatchObject([{ project: 'shop', episodes: 1 }]);
  await Promise.all(pair.map((one, index) => one.post([cleared(seenBy(index))])));
  await until(
    () => stored(service),
    ({ shop }) => shop?.status === 'resolved',
    { seconds, what: 'the end' },
  );
  await settled(service);
  expect(await proposals(service)).toMatchObject([{ project: 'shop', episodes: 1 }]);
});

async function peersOf(url: string): Promise<number> {
  const { cluster } = (await (await fetch(`${url}/api/v2/status`)).json()) as {
    cluster: { status: string; peers?: unknown[] };
  };
  return cluster.status === 'ready' ? (cluster.peers?.length ?? 0) : 0;
}
