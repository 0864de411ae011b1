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
 * So many pipes as the shell would make them. What Node makes for a child is a socket, which behaves otherwise: a child
 * cannot open its own `/dev/stdout`, for one. Fewer, or none, where no pipe can be made.
 */
export function openChildPipes(count: number): ChildPipe[] {
  if (count === 0) return [];
  let folder: string | undefined;
  const pipes: ChildPipe[] = [];
  try {
    folder = mkdtempSync(join(tmpdir(), 'andon-exec-'));
    const paths = Array.from({ length: count }, (_, index) => join(folder ?? '', `pipe${index}`));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    for (const path of paths) pipes.push(openPipe(path));
    return pipes;
  } catch {
    return pipes;
  } finally {
    // Both ends are open: the names are not needed any more.
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): ChildPipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  return {
    writer,
    reader: new Socket({ fd: reader, readable: true, writable: false }),
    closeWriter: () => closeSync(writer),
  };
}
