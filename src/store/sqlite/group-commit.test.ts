import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase, type Step } from './database.ts';
import { GroupCommit } from './group-commit.ts';

function openDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'andon-group-'));
  const db = new SqliteDatabase(join(folder, 'andon.db'), () => 0);
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });
  const keys = () =>
    db.read((step) => step.all(`SELECT key FROM meta ORDER BY key`).map(({ key }) => String(key)));
  return { db, keys };
}

function insert(step: Step, key: string): void {
  step.run(`INSERT INTO meta (key, value) VALUES ($key, 1)`, { key });
}

test('what comes at once is written in one transaction', async () => {
  const { db, keys } = openDatabase();
  const transactions = new Set<Step>();
  const group = new GroupCommit<string>(db, (step, key) => {
    transactions.add(step);
    insert(step, key);
  });
  await Promise.all(['a', 'b', 'c'].map((key) => group.add(key)));
  expect(transactions.size).toBe(1);
  await group.add('d');
  expect(transactions.size).toBe(2);
  expect(await keys()).toEqual(['a', 'b', 'c', 'd']);
});

test('one that cannot be written fails alone', async () => {
  const { db, keys } = openDatabase();
  const group = new GroupCommit<string>(db, insert);
  const results = await Promise.allSettled(['a', 'twice', 'twice', 'b'].map((key) => group.add(key)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await keys()).toEqual(['a', 'b', 'twice']);
});

test('a store that is away fails all, and takes the next', async () => {
  const { db, keys } = openDatabase();
  let full = true;
  const group = new GroupCommit<string>(db, (step, key) => {
    if (full) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    insert(step, key);
  });
  const results = await Promise.allSettled(['a', 'b'].map((key) => group.add(key)));
  const unavailable = { status: 'rejected', reason: { code: 'unavailable' } };
  expect(results).toMatchObject([unavailable, unavailable]);
  full = false;
  await group.add('a');
  expect(await keys()).toEqual(['a']);
});
