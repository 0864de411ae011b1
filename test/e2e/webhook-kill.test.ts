import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pageSchema } from '../../src/api/paging.ts';
import { improvement } from '../../src/domain/improvement.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { alertAbout, webhookPayload } from '../api/alert-payload.ts';
import { until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';
import { serviceProcess, unsettledAlerts } from './service-process.ts';

const count = 6000;

test('kill -9 after the answer and in the middle of the work: all is worked off, and nothing twice', async () => {
  const folder = temporaryFolder();
  const store = new SqliteStore(join(folder, 'andon.db'));
  onTestFinished(() => store.close());
  const left = async () => (await store.alerts.webhookState()).unsettled;
  const first = await serviceProcess(folder);
  const response = await fetch(`${first.url}/api/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${first.alertToken}` },
    body: JSON.stringify(webhookPayload(Array.from({ length: count }, (_, i) => alertAbout(`p${i}`)))),
  });
  await first.kill();
  expect(response.status).toBe(200);
  const afterAnswer = await left();
  expect(afterAnswer).toBeGreaterThan(0);

  const second = await serviceProcess(folder);
  await until(left, (now) => now < afterAnswer, { seconds: 20, what: 'the work goes on' });
  await second.kill();

  const third = await serviceProcess(folder);
  await until(
    () => unsettledAlerts(third),
    (now) => now === 0,
    { seconds: 30, what: 'it is done' },
  );
  const { items } = await third.client.get('/api/agent/improvements', pageSchema(improvement));
  expect(
    items.map(({ kind, state, calls, held_back }) => ({ kind, state, calls, total: held_back?.total })),
  ).toEqual(
    expect.arrayContaining([
      { kind: 'digest', state: 'proposed', calls: count - 2, total: count - 2 },
      { kind: 'heal', state: 'proposed', calls: 1, total: undefined },
      { kind: 'heal', state: 'proposed', calls: 1, total: undefined },
    ]),
  );
  expect(items).toHaveLength(3);
}, 90_000);
