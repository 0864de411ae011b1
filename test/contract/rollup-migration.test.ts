import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { outcomeLabels, type TaskMetric } from '../../src/domain/outcome.ts';
import { bucketOf } from '../../src/stats/log-buckets.ts';
import { expectOutcomes, type PlainRecord } from './plain-groups.ts';
import { sampleMetric } from './samples.ts';
import { openSqlite } from './stores.ts';

const migrations = join(import.meta.dirname, '../../src/store/sqlite/migrations');
const first = [
  '0001-first',
  '0002-holds-and-changes',
  '0003-verdicts-and-waiting',
  '0004-budget',
  '0005-webhook',
];

/** A store as the release before the roll-ups left it. */
function writeSchema5(path: string, records: readonly PlainRecord[]): void {
  const db = new DatabaseSync(path);
  for (const name of first) db.exec(readFileSync(join(migrations, `${name}.sql`), 'utf8'));
  db.exec('PRAGMA user_version = 5; BEGIN');
  const names = Object.keys(rowOf(sampleMetric()));
  const insert = db.prepare(`INSERT INTO outcomes (${names}) VALUES (${names.map((name) => `$${name}`)})`);
  for (const record of records) insert.run(rowOf(record));
  db.exec('COMMIT');
  db.close();
}

function rowOf(record: PlainRecord) {
  const { verdict, ...metric } = record;
  const at = Date.parse(metric.created_at);
  return {
    ...outcomeLabels(metric),
    task_id: metric.task_id,
    attempt: metric.attempt,
    final: metric.final ? 1 : 0,
    status: metric.status,
    error_class: metric.error_class ?? null,
    prompt_variant: metric.prompt_variant ?? null,
    created_at: at,
    received_at: at,
    duration: metric.duration_seconds,
    duration_bucket: bucketOf(metric.duration_seconds),
    usage_state: metric.usage_state,
    input_uncached: metric.usage?.input_uncached ?? null,
    output: metric.usage?.output ?? null,
    cost_usd: metric.cost_usd ?? null,
    cost_source: metric.cost_source,
    billing: metric.billing,
    verdict: verdict ?? null,
    labels: '{}',
    metric: JSON.stringify(metric),
  };
}

const end = Date.parse('2026-03-02T09:00:00Z');
// More than are read at once.
const records = Array.from({ length: 10_050 }, (_, i): PlainRecord => {
  const metric: TaskMetric = sampleMetric({
    task_id: `run-${i}`,
    // Over twelve days, with nothing in some of them.
    created_at: new Date(end - ((i * i) % 290) * 3_600_000 - (i % 997) * 1000).toISOString(),
    project: i % 3 ? 'shop' : 'blog',
    prompt_variant: i % 4 ? undefined : 'terse',
    duration_seconds: (i % 500) * 1.7,
    ...(i % 5 === 0 && { status: 'failed', error_class: i % 2 ? 'timeout' : 'auth' }),
    ...(i % 7 === 0 && {
      usage: { input_uncached: i, cache_read: 0, cache_write: 0, output: 2 },
      cost_usd: i / 9,
    }),
  });
  return i % 6 === 1 && metric.status === 'completed' ? { ...metric, verdict: 'accepted' } : metric;
});

test('what was recorded before there were roll-ups is answered as before, and goes on from there', async () => {
  const under = openSqlite((path) => writeSchema5(path, records));
  const windows = [
    { from: 0, to: Number.MAX_SAFE_INTEGER },
    { from: end - 7 * 24 * 3_600_000 - 1234, to: end + 1 },
    { from: Date.parse('2026-02-25T00:00:00Z'), to: Date.parse('2026-02-27T11:30:00Z') },
  ];
  for (const window of windows) {
    expectOutcomes(await under.store.outcomes.summarize(window), records, window);
  }
  const more = sampleMetric({ task_id: 'more', created_at: '2026-02-26T11:00:00Z' });
  await under.store.outcomes.record([more]);
  await under.store.tasks.setVerdict('run-2', 'rejected');
  const judged = records.map((one) =>
    one.task_id === 'run-2' ? { ...one, verdict: 'rejected' as const } : one,
  );
  const store = await under.reopen();
  for (const window of windows) {
    expectOutcomes(await store.outcomes.summarize(window), [...judged, more], window);
  }
});

test('an older release does not open what this one has written', async () => {
  const { store } = openSqlite((path) => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
  });
  await expect(store.outcomes.summarize({ from: 0, to: 1 })).rejects.toThrow('newer Andon (schema 999');
});
