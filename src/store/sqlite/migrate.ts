import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { copyDatabase } from './copy.ts';
import { fills } from './migration-fills.ts';
import { number } from './row.ts';
import { Steps } from './steps.ts';

/** A store of an earlier release is about to get the schema of this one. */
export interface Upgrade {
  from: number;
  to: number;
  /** Where the store is kept as it was. */
  copy: string;
}

const folder = join(import.meta.dirname, 'migrations');

function migrationFiles(): { number: number; name: string }[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name }));
}

/** The schema that this release writes. */
export function newestSchema(): number {
  return migrationFiles().at(-1)?.number ?? 0;
}

/** The schema of a store; 0 of an empty file. */
export function schemaOf(connection: DatabaseSync): number {
  return number(connection.prepare('PRAGMA user_version').get()?.user_version);
}

/**
 * Runs the numbered files that this database has not seen, all in one transaction. One that holds something is copied
 * before, to `PATH.schema-N`, in place of an earlier copy of that schema.
 */
export function migrate(connection: DatabaseSync, onUpgrade: (upgrade: Upgrade) => void): void {
  const from = schemaOf(connection);
  const to = newestSchema();
  if (from > 0 && from < to) keepCopy(connection, { from, to }, onUpgrade);
  // Locked first, so that of two processes that start at once the second finds the work done.
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaOf(connection);
    if (version > to) {
      throw new Error(`it was written by a newer Andon (schema ${version}, this one knows ${to})`);
    }
    const steps = new Steps(() => connection);
    for (const { number, name } of migrationFiles().filter((file) => file.number > version)) {
      connection.exec(readFileSync(join(folder, name), 'utf8'));
      const fill = fills.get(number);
      if (fill) steps.run(Date.now(), fill);
    }
    connection.exec(`PRAGMA user_version = ${to}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function keepCopy(
  connection: DatabaseSync,
  { from, to }: { from: number; to: number },
  onUpgrade: (upgrade: Upgrade) => void,
): void {
  const path = connection.location();
  if (path === null) return;
  const copy = `${path}.schema-${from}`;
  // Another process may have upgraded it since: then its copy is the one that counts.
  const isAsItWas = (made: DatabaseSync) => schemaOf(made) === from;
  if (copyDatabase(connection, copy, isAsItWas)) onUpgrade({ from, to, copy });
}
