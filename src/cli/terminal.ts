import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Writes a line for a person; to nobody, if they have stopped reading (`… | head -1`). */
export function say(line: string): void {
  const { stdout } = process;
  if (!stdout.listeners('error').includes(unlessNobodyReads)) stdout.on('error', unlessNobodyReads);
  stdout.write(`${line}\n`);
}

function unlessNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Says on stderr what went wrong, in one line. Not through `process.stderr`, which would end us if nobody reads it any more. */
export function complain(line: string): void {
  try {
    writeSync(2, `andon: ${line}\n`);
  } catch {
    // There is nobody to tell.
  }
}

/** True if a person can be asked. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY);
}

export interface ConfirmOptions {
  /** Ends the asking. */
  signal: AbortSignal;
  /** Nobody's answer after so many seconds is yes; without it there is no end to the waiting. */
  seconds?: number;
  input?: Readable;
  output?: Writable;
}

/**
 * Asks yes or no; Enter is yes, the end of the input is no.
 * @throws the signal's reason once it is aborted
 */
export async function confirm(
  question: string,
  { signal, seconds, input = process.stdin, output = process.stdout }: ConfirmOptions,
): Promise<boolean> {
  signal.throwIfAborted();
  output.write(`${question} [Y/n] ${seconds === undefined ? '' : `(yes in ${seconds} s) `}`);
  const silence = seconds === undefined ? undefined : AbortSignal.timeout(seconds * 1000);
  try {
    const answer = await readLine(input, AbortSignal.any(silence ? [signal, silence] : [signal]));
    return answer !== undefined && /^(y|yes|)$/i.test(answer.trim());
  } catch (error) {
    // The question's line is still open.
    if (signal.aborted) output.write('\n');
    if (signal.aborted || !silence?.aborted) throw error;
    output.write('yes\n');
    return true;
  }
}

/** The next line; undefined at the end of the input. */
async function readLine(input: Readable, signal: AbortSignal): Promise<string | undefined> {
  // Not as a terminal: readline would take Ctrl-C for a key then, and this process would not hear of it.
  const lines = createInterface({ input, terminal: false });
  try {
    return await Promise.race([
      once(lines, 'line', { signal }).then(([line]) => String(line)),
      once(lines, 'close', { signal }).then(() => undefined),
    ]);
  } finally {
    lines.close();
  }
}

/** Whether the process was asked to stop. */
export interface Stop {
  readonly signal: AbortSignal;
  /** As a shell tells a signal: 130 for Ctrl-C, 143 for TERM. Undefined until then. */
  readonly exitCode: number | undefined;
  /** From now on the second signal takes this step, and the third ends the process. */
  onSecond(step: () => void): void;
}

/** Hears the first Ctrl-C, TERM or HUP; the second ends the process at once, unless it is told to do something else. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  let first: number | undefined;
  let second: (() => void) | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const exitCode = 128 + constants.signals[name];
      if (first === undefined) {
        first = exitCode;
        controller.abort();
        return;
      }
      if (!second) process.exit(exitCode);
      second();
      second = undefined;
    });
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return first;
    },
    onSecond(step) {
      second = step;
    },
  };
}

/** Resolves when the process is asked to stop. */
export async function untilStopped({ signal }: Stop = listenForStop()): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/**
 * Passes on what comes of the work. What fails once the process was asked to stop has failed of that: the process
 * ends then, also if a download still goes on.
 */
export async function exitIfStopped<T>(stop: Stop, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (stop.exitCode !== undefined) process.exit(stop.exitCode);
    throw error;
  }
}
