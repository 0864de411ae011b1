import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A pipe whose writing end a child is started with. */
export interface ChildPipe {
  readonly writer: number;
  readonly reader: Socket;
  /** Our copy of the writing end: with it open the pipe would never end. */
  closeWriter(): void;
}

/**
 * A pipe as the shell would make one. What Node makes for a child is a socket, which behaves otherwise: a child cannot
 * open its own `/dev/stdout`, for one. Undefined where no pipe can be made.
 */
export function openChildPipe(): ChildPipe | undefined {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'andon-exec-'));
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    return {
      writer,
      reader: new Socket({ fd: reader, readable: true, writable: false }),
      closeWriter: () => closeSync(writer),
    };
  } catch {
    return undefined;
  } finally {
    // Both ends are open: the name is not needed any more.
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}
