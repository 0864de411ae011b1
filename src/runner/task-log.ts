import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { logTailLimit } from '../domain/attempt.ts';
import { messageOf } from '../domain/errors.ts';
import { OutputTail } from './output-tail.ts';

/** How much of an attempt's output is kept in its file, unless said. */
export const defaultLogBytes = 64 * 1024 * 1024;

/** Of an output that is too long so much is kept from its end, or half of what is kept. */
const endBytes = 1024 * 1024;

const newline = 0x0a;

export interface TaskLogOptions {
  dir: string;
  taskId: string;
  /** The attempt's first line, without `# `. */
  header: string;
  /** At most so many bytes of output for each attempt: its beginning, and its end. */
  maxBytes?: number;
  logger: Logger;
}

export interface LogFooter {
  duration_seconds: number;
  exit: number | 'none';
  status: 'completed' | 'failed';
  error_class?: string;
}

/**
 * The log of one attempt: `task_<id>.log`, appended to. Once the beginning of a long output has filled its share,
 * the end is held in memory, and is written with the last line. A log that cannot be written is said loudly, once,
 * and the attempt goes on; the tail is in memory in any case.
 */
export class TaskLog {
  private readonly headBytes: number;
  private readonly end: OutputTail;
  private readonly logger: Logger;
  private readonly tail = new OutputTail(logTailLimit);
  private file?: FileHandle;
  private written = 0;
  private atLineStart = true;
  private last: Promise<void> = Promise.resolve();

  private constructor(options: TaskLogOptions) {
    const maxBytes = options.maxBytes ?? defaultLogBytes;
    const kept = Math.min(endBytes, Math.floor(maxBytes / 2));
    this.headBytes = maxBytes - kept;
    this.end = new OutputTail(kept);
    this.logger = options.logger;
  }

  static async open(options: TaskLogOptions): Promise<TaskLog> {
    const log = new TaskLog(options);
    try {
      await mkdir(options.dir, { recursive: true });
      log.file = await open(join(options.dir, `task_${options.taskId}.log`), 'a', 0o600);
    } catch (error) {
      log.giveUp(error);
    }
    await log.note(options.header);
    return log;
  }

  /** Takes a piece of output; resolves when it is written, so that a caller who waits cannot outrun the disk. */
  write(chunk: Buffer): Promise<void> {
    return this.inOrder(() => this.append(chunk));
  }

  /** A line of ours among the output: `# text`. */
  note(text: string): Promise<void> {
    return this.inOrder(() => this.appendLine(text));
  }

  /** Writes the last line and closes the file; answers the end of the log, the last line included. */
  async close(footer: LogFooter): Promise<string> {
    await this.inOrder(() => this.putEnd());
    await this.inOrder(() => this.appendLine(footerLine(footer)));
    await this.file?.close().catch((error) => this.giveUp(error));
    this.file = undefined;
    return this.tail.text();
  }

  /** Two streams write here, and the file takes one piece at a time. */
  private inOrder(step: () => Promise<void>): Promise<void> {
    this.last = this.last.then(step);
    return this.last;
  }

  private async append(chunk: Buffer): Promise<void> {
    this.tail.push(chunk);
    const head = this.end.isEmpty ? chunk.subarray(0, this.headBytes - this.written) : chunk.subarray(0, 0);
    if (head.length > 0) await this.put(head);
    this.written += head.length;
    if (head.length < chunk.length) this.end.push(chunk.subarray(head.length));
  }

  private async appendLine(text: string): Promise<void> {
    const tailStart = this.tail.isEmpty || this.tail.text(1) === '\n';
    const line = Buffer.from(`${tailStart ? '' : '\n'}# ${text}\n`);
    this.tail.push(line);
    if (this.end.isEmpty) await this.putLine(text);
    else this.end.push(line);
  }

  /** Writes what was held back, with a line for what was not kept. */
  private async putEnd(): Promise<void> {
    const { kept, gone } = this.end.bytes();
    if (gone > 0) await this.putLine(`${gone} bytes of output are not kept here`);
    if (kept.length > 0) await this.put(kept);
    this.end.clear();
  }

  private async putLine(text: string): Promise<void> {
    await this.put(Buffer.from(`${this.atLineStart ? '' : '\n'}# ${text}\n`));
  }

  private async put(bytes: Buffer): Promise<void> {
    this.atLineStart = bytes.at(-1) === newline;
    if (!this.file) return;
    try {
      await this.file.appendFile(bytes);
    } catch (error) {
      this.giveUp(error);
    }
  }

  private giveUp(error: unknown): void {
    this.logger.error({ err: error }, `cannot write the task's log: ${messageOf(error)}`);
    const file = this.file;
    this.file = undefined;
    file?.close().catch(() => {});
  }
}

function footerLine({ duration_seconds, exit, status, error_class }: LogFooter): string {
  const line = `duration_seconds=${duration_seconds.toFixed(3)} exit=${exit} status=${status}`;
  return error_class ? `${line} error_class=${error_class}` : line;
}
