import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openSqlite } from './stores.ts';

const migrations = join(import.meta.dirname, '../../src/store/sqlite/migrations');

test('calls that were kept as text before are read as they came, and tell when the last one was', async () => {
  const bodies = [JSON.stringify({ alerts: [{}, {}], message: 'naïve' }), 'cut off {'];
  const { store } = openSqlite((path) => {
    const db = new DatabaseSync(path);
    for (const file of ['0001-first.sql', '0002-holds-and-changes.sql']) {
      db.exec(readFileSync(join(migrations, file), 'utf8'));
    }
    const insert = db.prepare(`INSERT INTO alert_deliveries (received_at, raw) VALUES (?, ?)`);
    bodies.forEach((body, i) => void insert.run(Date.parse('2026-03-01T09:00:00Z') + i, body));
    db.exec('PRAGMA user_version = 2');
    db.close();
  });
  const { items } = await store.alerts.listDeliveries({ limit: 10 });
  expect(items.map(({ alerts, bytes }) => ({ alerts, bytes }))).toEqual([
    { alerts: 0, bytes: 9 },
    { alerts: 2, bytes: Buffer.byteLength(bodies[0] ?? '') },
  ]);
  const read = items.toReversed().map(({ id }) => store.alerts.findDelivery(id));
  expect(await Promise.all(read)).toEqual(bodies);
  expect((await store.alerts.webhookState()).last_call).toBe(Date.parse('2026-03-01T09:00:00Z') + 1);
});
