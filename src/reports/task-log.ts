import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TaskStore } from '../domain/task-store.ts';

export interface TaskLogSource {
  tasks: Pick<TaskStore, 'findLogTail'>;
  /** Where a runner on this machine writes task logs. */
  logsDir: string;
}

/**
 * A task's log from this byte on: the file, where the runner shares it, else the tail that came with the outcome.
 * Undefined if there is none yet.
 */
export async function openTaskLog(
  { tasks, logsDir }: TaskLogSource,
  id: string,
  offset: number,
): Promise<Readable | undefined> {
  const file = fileOf(logsDir, id);
  const size = await sizeOf(file);
  if (size === undefined) {
    const tail = await tasks.findLogTail(id);
    return tail === undefined ? undefined : Readable.from([Buffer.from(tail).subarray(offset)]);
  }
  // To the end as it is now: what is written meanwhile is for the next one who asks.
  return offset >= size ? Readable.from([]) : createReadStream(file, { start: offset, end: size - 1 });
}

/** The end of a task's log, in whole lines, and how many bytes are before it. Undefined if there is none yet. */
export async function readTaskLogTail(
  { tasks, logsDir }: TaskLogSource,
  id: string,
  longest: number,
): Promise<{ text: string; left_out: number } | undefined> {
  const file = fileOf(logsDir, id);
  const size = await sizeOf(file);
  if (size !== undefined) return tailOf(await readEnd(file, size, longest + 1), size, longest);
  const kept = await tasks.findLogTail(id);
  if (kept === undefined) return undefined;
  const bytes = Buffer.from(kept);
  return tailOf(bytes, bytes.length, longest);
}

function tailOf(end: Buffer, size: number, longest: number): { text: string; left_out: number } {
  if (size <= longest) return { text: end.toString(), left_out: 0 };
  const cut = end.subarray(-longest - 1);
  const lineEnd = cut.indexOf('\n');
  const whole = lineEnd === -1 ? cut.subarray(1) : cut.subarray(lineEnd + 1);
  return { text: whole.toString(), left_out: size - whole.length };
}

async function readEnd(file: string, size: number, longest: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const length = Math.min(size, longest);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function fileOf(logsDir: string, id: string): string {
  return join(logsDir, `task_${id}.log`);
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
