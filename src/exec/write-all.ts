import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const writeSome = promisify(write);

/**
 * Writes all of a chunk to a file descriptor, however long its reader takes. Not through `process.stdout`: that makes
 * the pipe non-blocking for everybody who has it, so that a child with the same stderr would lose what it writes.
 * @throws what the system says, `EPIPE` if nobody reads any more
 */
export async function writeAll(fd: number, chunk: Uint8Array): Promise<void> {
  let at = 0;
  while (at < chunk.byteLength) {
    try {
      const { bytesWritten } = await writeSome(fd, chunk, at);
      at += bytesWritten;
    } catch (error) {
      if (!isFull(error)) throw error;
      // Somebody else made it non-blocking.
      await sleep(5);
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
