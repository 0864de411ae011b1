import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, messageOf } from '../../domain/errors.ts';

/**
 * Writes all that a store holds at one moment into one file, which only its user can read, while others go on with the
 * store. The file is whole and on disk, or it is not there; one of that name gives way to it. Answers whether the copy
 * was `wanted`: one that is not is taken away.
 * @throws AppError `unavailable` where it cannot be written
 */
export function copyDatabase(
  connection: DatabaseSync,
  target: string,
  wanted: (copy: DatabaseSync) => boolean = () => true,
): boolean {
  const unfinished = unfinishedName(target);
  try {
    // In a container every process may have the same number: what one that was killed has left is in the way.
    rmSync(unfinished, { force: true });
    // VACUUM INTO takes an empty file, and would make one that everybody can read.
    writeFileSync(unfinished, '', { flag: 'wx', mode: 0o600 });
    connection.prepare('VACUUM INTO ?').run(unfinished);
    if (!withDatabase(unfinished, wanted)) return false;
    putInPlace(unfinished, target);
    return true;
  } catch (cause) {
    throw new AppError('unavailable', `cannot copy the store to ${target}: ${messageOf(cause)}`, { cause });
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** A name beside the file, of this process alone. */
export function unfinishedName(file: string): string {
  return `${file}.unfinished-${process.pid}`;
}

/** Gives a file that was written its name, and returns when both are on disk. */
export function putInPlace(unfinished: string, target: string): void {
  flush(unfinished);
  renameSync(unfinished, target);
  flush(dirname(target));
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Reads a file that nobody else has open. */
export function withDatabase<T>(path: string, read: (connection: DatabaseSync) => T): T {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    return read(connection);
  } finally {
    connection.close();
  }
}
