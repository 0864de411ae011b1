import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { backUp, restore } from '../../src/store/sqlite/backup.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { sampleMetric, sampleTask } from './samples.ts';

const at = new Date('2026-03-02T09:00:00Z');
const clock = () => at.getTime();

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(path: string): SqliteStore {
  const store = new SqliteStore(path, clock);
  onTestFinished(() => store.close());
  return store;
}

/** What somebody who asks a store would notice. */
async function answersOf(store: SqliteStore) {
  return {
    tasks: (await store.tasks.list({ limit: 100 })).items,
    outcomes: await store.outcomes.summarize({ from: 0, to: Number.MAX_SAFE_INTEGER }),
    counters: await store.counters.export(0),
  };
}

async function filled(path: string): Promise<SqliteStore> {
  const store = open(path);
  await store.tasks.create(sampleTask({ id: 'waits' }));
  await store.outcomes.record([sampleMetric({ task_id: 'a', cost_usd: 2 }), sampleMetric({ task_id: 'b' })]);
  // A counter is released at the second look at it.
  await store.counters.export(0);
  return store;
}

/** A store of which there is a backup, and that has recorded more since. */
async function backedUp() {
  const folder = folderOf();
  const path = join(folder, 'andon.db');
  const backup = join(folder, 'backup.db');
  const store = await filled(path);
  backUp(path, backup);
  await store.outcomes.record([sampleMetric({ task_id: 'after' })]);
  return { path, backup, store };
}

test('there and back: a store that is in use is copied, and what came of the copy answers the same', async () => {
  const folder = folderOf();
  const store = await filled(join(folder, 'andon.db'));
  const before = await answersOf(store);
  const backup = join(folder, 'backup.db');
  // Of a process with the same number that was killed.
  writeFileSync(`${backup}.unfinished-${process.pid}`, 'half a store');
  expect(backUp(join(folder, 'andon.db'), backup)).toMatchObject({ tasks: 1, outcomes: 2 });
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  await store.outcomes.record([sampleMetric({ task_id: 'after' })]);

  const elsewhere = join(folder, 'new/andon.db');
  mkdirSync(join(folder, 'new'));
  expect(restore(backup, elsewhere, at)).toMatchObject({ file: { tasks: 1, outcomes: 2 }, kept: undefined });
  const restored = open(elsewhere);
  expect(await answersOf(restored)).toEqual(before);
  await restored.outcomes.record([sampleMetric({ task_id: 'c' })]);
  expect(readdirSync(join(folder, 'new')).filter((name) => name.includes('unfinished'))).toEqual([]);
});

test('the store that a backup takes the place of is kept; one that is in use is left alone', async () => {
  const { path, backup, store } = await backedUp();
  const newest = await answersOf(store);
  expect(() => restore(backup, path, at)).toThrow(/is in use.*stop Andon/);
  expect(await answersOf(store)).toEqual(newest);
  await store.close();

  const { kept } = restore(backup, path, at);
  expect(kept).toBe(`${path}.before-2026-03-02T09-00-00-000Z`);
  expect((await answersOf(open(path))).outcomes).not.toEqual(newest.outcomes);
  expect(await answersOf(open(kept ?? ''))).toEqual(newest);
});

test('what is no whole backup is refused, and the store stays', async () => {
  const folder = folderOf();
  const path = join(folder, 'andon.db');
  await (await filled(path)).close();
  const wrong = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  expect(() => restore(join(folder, 'none'), path, at)).toThrow('there is no file');
  expect(() => restore(wrong('text', 'no database, but long enough to be one'), path, at)).toThrow(
    /no backup/,
  );
  expect(() => restore(wrong('empty', ''), path, at)).toThrow(/no backup that can be used: no such table/);
  const newer = join(folder, 'newer');
  backUp(path, newer);
  const database = new DatabaseSync(newer);
  database.exec('PRAGMA user_version = 9999');
  database.close();
  expect(() => restore(newer, path, at)).toThrow(/newer Andon \(schema 9999/);
  expect(() => backUp(path, newer)).toThrow('is there already');
  expect(() => backUp(join(folder, 'nowhere.db'), join(folder, 'x'))).toThrow('there is no store at');
  expect((await open(path).tasks.list({ limit: 1 })).items).toHaveLength(1);
});

test('the newest writes of a store that is gone are none of a restored one', async () => {
  const { path, backup, store } = await backedUp();
  const before = await answersOf(store);
  // The file alone was taken away; its log stays.
  rmSync(path);
  restore(backup, path, at);
  const { outcomes } = await answersOf(open(path));
  expect(outcomes).not.toEqual(before.outcomes);
});
