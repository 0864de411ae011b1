import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { logTailLimit } from '../domain/attempt.ts';
import { messageOf } from '../domain/errors.ts';
import { OutputTail } from './output-tail.ts';

/** How much of an attempt's output is kept in its file, unless said. */
export const defaultLogBytes = 64 * 1024 * 1024;

const newline = 0x0a;

export interface TaskLogOptions {
  dir: string;
  taskId: string;
  /** The attempt's first line, without `# `. */
  header: string;
  /** At most so many bytes of output for each attempt. */
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
 * The log of one attempt: `task_<id>.log`, appended to. A log that cannot be written is said loudly, once, and the
 * attempt goes on; the tail is in memory in any case.
 */
export class TaskLog {
  private readonly maxBytes: number;
  private readonly logger: Logger;
  private readonly tail = new OutputTail(logTailLimit);
  private file?: FileHandle;
  private written = 0;
  private capped = false;
  private atLineStart = true;
  private last: Promise<void> = Promise.resolve();

  private constructor(options: TaskLogOptions) {
    this.maxBytes = options.maxBytes ?? defaultLogBytes;
    this.logger = options.logger;
  }

  static async open(options: TaskLogOptions): Promise<TaskLog> {
    const log = new TaskLog(options);
    try {
      await mkdir(options.dir, { recursive: true });
      log.file = await open(join(options.dir, `task_${options.taskId}.log`), 'a');
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
    const line = footerLine(footer);
    await this.inOrder(() => this.appendLine(line));
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
    if (chunk.length === 0) return;
    this.tail.push(chunk);
    if (this.capped) return;
    const kept = chunk.subarray(0, this.maxBytes - this.written);
    await this.put(kept);
    this.written += kept.length;
    this.atLineStart = kept.length === 0 ? this.atLineStart : kept.at(-1) === newline;
    if (kept.length < chunk.length) {
      this.capped = true;
      await this.putLine(`output beyond ${this.maxBytes} bytes is not kept`);
    }
  }

  private async appendLine(text: string): Promise<void> {
    const tailStart = this.tail.isEmpty || this.tail.text(1) === '\n';
    this.tail.push(Buffer.from(`${tailStart ? '' : '\n'}# ${text}\n`));
    await this.putLine(text);
  }

  private async putLine(text: string): Promise<void> {
    await this.put(Buffer.from(`${this.atLineStart ? '' : '\n'}# ${text}\n`));
    this.atLineStart = true;
  }

  private async put(bytes: Buffer): Promise<void> {
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
