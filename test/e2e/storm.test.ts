import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { pageSchema } from '../../src/api/paging.ts';
import { deliverySummary } from '../../src/domain/alert.ts';
import { heldBack, improvement } from '../../src/domain/improvement.ts';
import { until } from '../process-under-test.ts';
import { alertmanagerUnderTest, ourAlert } from './alertmanager-under-test.ts';
import { type ServiceProcess, serviceProcess, unsettledAlerts } from './service-process.ts';

const count = 5000;
const improvements = pageSchema(improvement);
const deliveries = pageSchema(deliverySummary);
const listed = pageSchema(heldBack);

test(`a storm of ${count} alerts: two proposals, one digest, nothing lost, memory flat`, async () => {
  const service = await serviceProcess();
  const { client } = service;
  const digests = async () => (await client.get('/api/agent/improvements?kind=digest', improvements)).items;
  const idle = peakMegabytes(service);
  // As our own route groups: each alert is a call of its own.
  const alertmanager = await alertmanagerUnderTest(
    { url: `${service.url}/api/alerts`, token: service.alertToken },
    { group_by: ['alertname', 'project', 'task_type'], group_interval: '1m' },
  );
  const alerts = Array.from({ length: count }, (_, i) => ourAlert(`p${i}`));
  for (let i = 0; i < count; i += 500) await alertmanager.post(alerts.slice(i, i + 500));
  await until(digests, ([digest]) => digest?.held_back?.total === count - 2, {
    seconds: 60,
    what: 'all are held back but two',
  });
  // And again as one group of 3 MB: another route is another group, which is told of all.
  const largeCall = async (round: number) => {
    const before = await largeCalls(service);
    await alertmanager.reload({ group_by: ['alertname'], matchers: [`project!="${round}"`] });
    await until(
      () => largeCalls(service),
      (calls) => calls > before,
      { seconds: 30, what: 'a large call' },
    );
    await until(
      () => unsettledAlerts(service),
      (left) => left === 0,
      { seconds: 30, what: 'it is done' },
    );
    return peakMegabytes(service);
  };
  const stormy = await largeCall(1);
  const afterMore = await largeCall(2);

  const { items } = await client.get('/api/agent/improvements', improvements);
  expect(items.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
    'digest proposed',
    'heal proposed',
    'heal proposed',
  ]);
  const [digest] = await digests();
  expect(digest?.calls).toBeGreaterThanOrEqual(3 * (count - 2));
  const told = [
    ...items.flatMap(({ subject }) => subject.project ?? []),
    ...(await projectsIn(service, digest?.id)),
  ];
  expect(told.sort()).toEqual(alerts.map(({ labels }) => labels.project).sort());
  const status = z.object({ alerts_firing: z.int() });
  expect((await client.get('/api/agent/pipeline-status', status)).alerts_firing).toBe(count);
  // What a process has had at most tells little of a leak, but all of what a storm needs at once.
  if (process.platform === 'linux') {
    expect(stormy - idle).toBeLessThan(350);
    expect(afterMore - stormy).toBeLessThan(100);
  }
}, 150_000);

/** How many calls brought all alerts at once. */
async function largeCalls({ client }: ServiceProcess): Promise<number> {
  const { items } = await client.get('/api/agent/alerts/deliveries?limit=50', deliveries);
  return items.filter(({ alerts }) => alerts === count).length;
}

/** All that a digest lists. */
async function projectsIn({ client }: ServiceProcess, digest: string | undefined): Promise<string[]> {
  const projects: string[] = [];
  let query = 'limit=500';
  for (;;) {
    const page = await client.get(`/api/agent/improvements/${digest}/held-back?${query}`, listed);
    projects.push(...page.items.map(({ subject }) => subject.project ?? ''));
    if (page.next_cursor === null) return projects;
    query = `limit=500&cursor=${page.next_cursor}`;
  }
}

/** The most memory that the process has had at once. */
function peakMegabytes({ pid }: ServiceProcess): number {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
