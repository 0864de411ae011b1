import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { countVerdicts, groupsOf } from '../../src/domain/outcome-group.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { finishStep, sampleTask } from './samples.ts';
import { openSqlite } from './stores.ts';

const migrations = join(import.meta.dirname, '../../src/store/sqlite/migrations');

/** A store as schema 1 left it: a task that ended, one that runs, and an outcome with its count. */
function writeSchema1(path: string): void {
  const db = new DatabaseSync(path);
  const at = Date.parse('2026-03-02T08:00:00Z');
  const task = (id: string, depends_on?: string[]) =>
    JSON.stringify({
      depends_on,
      id,
      direction: 'x',
      task_type: 'impl',
      project: 'shop',
      executor: 'shell',
      model: 'none',
      priority: 0,
      timeout_seconds: 60,
      max_attempts: 2,
      origin: 'api',
      context: {},
    });
  const metric = JSON.stringify({
    task_id: 'ended',
    attempt: 1,
    usage: { input_uncached: 10, cache_read: 0, cache_write: 0, output: 1 },
    usage_state: 'terminal',
    cost_source: 'unpriced',
    model: 'gpt-5',
    created_at: '2026-03-02T08:00:00.000Z',
  });
  db.exec(readFileSync(join(migrations, '0001-first.sql'), 'utf8'));
  db.exec('PRAGMA user_version = 1');
  const insertTask = db.prepare(
    `INSERT INTO tasks (id, request, request_digest, status, project, task_type, executor, origin, priority, attempt,
       queued_at, lease_expires_at)
     VALUES (?, ?, 'd', ?, 'shop', 'impl', 'shell', 'api', 0, 1, ?, ?)`,
  );
  insertTask.run('ended', task('ended'), 'completed', at, null);
  insertTask.run('runs', task('runs'), 'running', at, at + 7200_000);
  insertTask.run('waits', task('waits', ['later', 'later']), 'pending', at, null);
  const insertAttempt = db.prepare(
    `INSERT INTO attempts (task_id, attempt, runner, lease_token, started_at, queue_seconds, ended_at)
     VALUES (?, 1, 'r1', 'token', ?, 0, ?)`,
  );
  insertAttempt.run('ended', at, at);
  insertAttempt.run('runs', at, null);
  const insertOutcome = db.prepare(
    `INSERT INTO outcomes (task_id, attempt, final, status, project, task_type, model, executor, variant, created_at,
       received_at, duration, duration_bucket, usage_state, input_uncached, cost_source, billing, labels, metric)
     VALUES (?, ?, 1, ?, 'shop', 'impl', 'gpt-5', 'codex', 'none', ?, ?, 5, 1, ?, 10, 'unpriced', 'unknown',
       '{}', ?)`,
  );
  insertOutcome.run('ended', 1, 'completed', at, at, 'terminal', metric);
  // Judged: it failed, was run again, passed, and was accepted.
  insertTask.run('judged', task('judged'), 'completed', at, null);
  insertOutcome.run('judged', 1, 'failed', at, at, 'none', '{}');
  insertOutcome.run('judged', 2, 'completed', at, at, 'none', '{}');
  db.prepare(`UPDATE tasks SET verdict = 'accepted', pull_request = 'pull/1' WHERE id = 'judged'`).run();
  db.close();
}

test('verdicts of schema 1 are those of the outcomes that they were about', async () => {
  const { store } = openSqlite(writeSchema1);
  const window = { from: 0, to: Number.MAX_SAFE_INTEGER };
  expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toEqual({
    accepted: 1,
    rejected: 0,
    reverted: 0,
    none: 1,
  });
  expect(await store.tasks.setVerdict('judged', 'reverted')).toMatchObject({ pull_request: 'pull/1' });
  expect(countVerdicts(groupsOf(await store.outcomes.summarize(window)))).toMatchObject({
    accepted: 0,
    reverted: 1,
    none: 1,
  });
});

test('what tasks of schema 1 wait for is known when another would wait for them', async () => {
  const { store } = openSqlite(writeSchema1);
  const circle = sampleTask({ id: 'later', depends_on: ['waits'] });
  await expect(store.tasks.create(circle)).rejects.toThrow('later → waits → later');
});

test('a store that schema 1 wrote opens and goes on', async () => {
  const under = openSqlite(writeSchema1);
  const { store } = under;
  expect(await store.tasks.find('ended')).toMatchObject({ status: 'completed' });
  expect(await store.tasks.listAttempts('ended')).toMatchObject([{ attempt: 1, status: 'completed' }]);
  const task = await store.tasks.find('runs');
  if (!task) throw new Error('the running task is gone');
  const claimed = {
    task,
    attempt: 1,
    lease_token: 'token',
    lease_expires_at: '',
    lease_seconds: 60,
    queue_seconds: 0,
    labels: {},
  };
  const hold = {
    executor: 'shell',
    runner: 'r1',
    state: 'closed' as const,
    reason: 'spawn',
    since: new Date(under.now()).toISOString(),
  };
  const failed = finishStep(claimed, { status: 'failed', error_class: 'spawn' });
  expect(await store.tasks.finish({ ...failed, hold })).toMatchObject({ kind: 'recorded' });
  expect(await store.executors.list()).toEqual([hold]);
  expect(await store.outcomes.listForPricing({ since: 0, limit: 10 })).toMatchObject({
    items: [{ metric: { task_id: 'ended' } }],
  });
  expect(await store.tasks.find('runs')).toMatchObject({ status: 'pending', critical: false });
  const budget = { daily_usd: 1, projects: {}, throttle: true, count_notional: false };
  expect(await store.budgets.list(budget)).toMatchObject([{ spent_usd: 0, unpriced_attempts: 3 }]);
  const again = await under.reopen();
  expect(await again.executors.list()).toEqual([hold]);
});

test('an upgrade is told of, and the store is kept as it was', async () => {
  let path = '';
  const under = openSqlite((file) => {
    path = file;
    writeSchema1(file);
  });
  const told: { from: number; to: number; copy: string }[] = [];
  const store = new SqliteStore(path, under.now, (upgrade) => told.push(upgrade));
  expect(await store.tasks.find('ended')).toMatchObject({ status: 'completed' });
  await store.close();
  expect(told).toMatchObject([{ from: 1, copy: `${path}.schema-1` }]);
  const copy = new DatabaseSync(`${path}.schema-1`, { readOnly: true });
  expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(copy.prepare('SELECT count(*) AS n FROM outcomes').get()).toEqual({ n: 3 });
  copy.close();
  await under.store.check();
  expect(readdirSync(dirname(path)).filter((name) => /schema|unfinished/.test(name))).toEqual([
    'andon.db.schema-1',
  ]);
});

test('a store that cannot be kept as it was is not upgraded', async () => {
  const under = openSqlite((file) => {
    writeSchema1(file);
    mkdirSync(`${file}.schema-1/in-the-way`, { recursive: true });
  });
  await expect(under.store.tasks.find('ended')).rejects.toThrow(
    /cannot be opened: cannot copy the store to .*schema-1/,
  );
});
