import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Store } from '../../src/domain/store.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

/** A store under test, and its clock, which stands still until the test moves it. */
export interface StoreUnderTest {
  store: Store;
  /** Lets this many seconds pass. */
  pass(seconds: number): void;
  now(): number;
  /** The same store as another process has it open. */
  beside(): Store;
  /** Closes the store and opens it again, as a restarted service would. */
  reopen(): Promise<Store>;
}

/** Every store has to pass the same suites: one line each. */
export const stores: { name: string; open: () => StoreUnderTest }[] = [
  { name: 'SQLite', open: () => openSqlite() },
];

export function openSqlite(prepare?: (path: string) => void): StoreUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'andon-contract-'));
  let now = Date.parse('2026-03-02T09:00:00Z');
  const path = join(folder, 'andon.db');
  prepare?.(path);
  const open = () => new SqliteStore(path, () => now);
  const others: Store[] = [];
  const under: StoreUnderTest = {
    store: open(),
    pass: (seconds) => {
      now += seconds * 1000;
    },
    now: () => now,
    beside: () => {
      const other = open();
      others.push(other);
      return other;
    },
    reopen: async () => {
      await under.store.close();
      under.store = open();
      return under.store;
    },
  };
  onTestFinished(async () => {
    for (const one of [under.store, ...others]) await one.close();
    rmSync(folder, { recursive: true });
  });
  return under;
}
