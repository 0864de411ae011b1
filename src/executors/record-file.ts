import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** How much of a record is read: more is not of one run. */
const mostBytes = 4 * 1024 * 1024;

/** A file that a program adds figures to. */
export interface RecordFile {
  /** What was added since it was opened, at most its last 4 MiB. Never throws: there may be nothing. */
  added(): Uint8Array;
}

/** Notes where a file ends now. Undefined if it is there and no plain file, which cannot be read again. */
export function openRecord(path: string): RecordFile | undefined {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before && !before.isFile()) return undefined;
  const from = before?.size ?? 0;
  return {
    added() {
      try {
        return readFrom(path, from);
      } catch {
        return new Uint8Array();
      }
    },
  };
}

function readFrom(path: string, from: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    // Shorter than it was: it was begun anew.
    const start = Math.max(size < from ? 0 : from, size - mostBytes);
    const bytes = Buffer.alloc(size - start);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
  } finally {
    closeSync(file);
  }
}
