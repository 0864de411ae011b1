import { chmodSync, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, messageOf } from '../../domain/errors.ts';
import { copyDatabase, putInPlace, unfinishedName, withDatabase } from './copy.ts';
import { newestSchema, schemaOf } from './migrate.ts';
import { number, text } from './row.ts';

/** What a store's file holds. */
export interface StoreFile {
  schema: number;
  tasks: number;
  outcomes: number;
  bytes: number;
}

/**
 * Copies a store, which a service may have open, into a new file.
 * @throws AppError `not_found` if there is no store, `conflict` if there is such a file, `unavailable`
 */
export function backUp(path: string, target: string): StoreFile {
  if (!existsSync(path)) throw new AppError('not_found', `there is no store at ${path}`);
  if (existsSync(target)) throw new AppError('conflict', `${target} is there already`);
  const connection = openStored(path);
  try {
    copyDatabase(connection, resolve(target));
  } finally {
    connection.close();
  }
  return examine(target);
}

/**
 * Puts a backup where the store is, or is to be. The store that is there is kept beside it; answers its new name.
 * @throws AppError `invalid` for what is no whole backup, `conflict` if a process has the store open, `unavailable`
 */
export function restore(backup: string, path: string, now: Date): { file: StoreFile; kept?: string } {
  if (!existsSync(backup)) throw new AppError('not_found', `there is no file ${backup}`);
  const file = examine(backup);
  const there = existsSync(path);
  if (there) requireUnused(path);
  const kept = there ? `${path}.before-${now.toISOString().replaceAll(/[:.]/g, '-')}` : undefined;
  const unfinished = unfinishedName(path);
  try {
    copyFileSync(backup, unfinished);
    chmodSync(unfinished, 0o600);
    // What was left of a store that is gone would be taken for the newest writes of this one.
    for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true });
    if (kept) renameSync(path, kept);
    putInPlace(unfinished, path);
  } catch (cause) {
    if (kept && existsSync(kept) && !existsSync(path)) renameSync(kept, path);
    throw new AppError('unavailable', `cannot restore to ${path}: ${messageOf(cause)}`, { cause });
  } finally {
    rmSync(unfinished, { force: true });
  }
  return { file, kept };
}

/** @throws AppError `invalid` unless the file is a store of this release or an earlier one, and whole */
function examine(path: string): StoreFile {
  try {
    return withDatabase(path, (connection) => {
      const found = text(connection.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);
      if (found !== 'ok') throw new Error(`it is damaged: ${found}`);
      const count = (table: 'tasks' | 'outcomes') =>
        number(connection.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
      const schema = schemaOf(connection);
      if (schema > newestSchema()) {
        throw new Error(
          `it was written by a newer Andon (schema ${schema}, this one knows ${newestSchema()})`,
        );
      }
      return { schema, tasks: count('tasks'), outcomes: count('outcomes'), bytes: statSync(path).size };
    });
  } catch (cause) {
    throw new AppError('invalid', `${path} is no backup that can be used: ${messageOf(cause)}`, { cause });
  }
}

function openStored(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 5000, readOnly: true });
  } catch (cause) {
    throw new AppError('unavailable', `the store ${path} cannot be opened: ${messageOf(cause)}`, { cause });
  }
}

/** The last writes go from the log into the file itself, which SQLite does only where nobody else has it open. */
function requireUnused(path: string): void {
  const connection = new DatabaseSync(path, { timeout: 500 });
  try {
    connection.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    const advice = 'stop Andon (start or service) on this data folder first';
    throw new AppError('conflict', `the store ${path} is in use, or damaged: ${advice}`, { cause });
  } finally {
    connection.close();
  }
}
