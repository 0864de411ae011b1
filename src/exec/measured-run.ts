import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { OutputTail } from '../runner/output-tail.ts';
import { type Started, type StartOptions, startChild } from './child-start.ts';
import { Passage } from './passage.ts';
import { relaySignals, type SignalRelay } from './signal-relay.ts';

export interface RunOptions extends StartOptions {
  /**
   * Asked once the command has been started, for what takes each piece of stdout that is read on its way. Until it
   * answers, what the command prints waits in its pipe.
   */
  listen(): Promise<(chunk: Buffer) => void>;
  timeoutSeconds?: number;
}

/** How a run came to its end. */
export interface RunEnd {
  /** As a shell says it: 128 and the signal's number, 126 and 127 for what could not be started, 124 after our limit. */
  status: number;
  exitCode?: number;
  signal?: NodeJS.Signals;
  /** Why it could not be started. */
  notStarted?: string;
  /** What ended it, or tried to, besides itself. */
  cause?: 'signal' | 'timeout' | 'reader_gone';
  /** What kept its output from being passed on, besides that nobody reads it. */
  outputError?: string;
  duration_seconds: number;
  /** The end of what was read of its output. */
  tail: string;
  /** The signal that we were sent while its output could not be passed on. */
  stuckAfter?: NodeJS.Signals;
}

const tailBytes = 8192;
/** Between TERM and KILL when its time is up. */
const graceMs = 5000;
/** How long output may still be passed on once we have been told to end. */
const farewellMs = 2000;

/** Runs a command in our place. Resolves when it has exited and what it wrote is passed on; never rejects. */
export async function runMeasured(options: RunOptions): Promise<RunEnd> {
  const startedAt = performance.now();
  const started = await startChild(options);
  if (!started.ok) {
    const { status, message } = started;
    return { status, notStarted: message, duration_seconds: secondsSince(startedAt), tail: '' };
  }
  const { child, pid } = started;
  const late = new AbortController();
  const relay = relaySignals(child, {
    pid,
    shareGroup: options.shareGroup,
    onLate: () => late.abort(),
  });
  const limit = limitTime(child, relay, options.timeoutSeconds);
  const exit = exitOf(child, startedAt);
  const tail = new OutputTail(tailBytes);
  try {
    const passages = passagesOf(started, await listener(options), tail);
    const { exitCode, signal, duration_seconds } = await exit;
    const farewell = relay.received && setTimeout(() => late.abort(), farewellMs);
    const through = await Promise.all(passages.map((passage) => passage.finish(late.signal)));
    clearTimeout(farewell);
    const cutOffs = passages.flatMap(({ cutOff }) => cutOff ?? []);
    return {
      status: limit.passed ? 124 : (exitCode ?? 128 + (signal ? constants.signals[signal] : 0)),
      exitCode,
      signal,
      cause: limit.passed ? 'timeout' : relay.received ? 'signal' : goneOf(cutOffs),
      outputError: cutOffs.find((cutOff) => cutOff.kind === 'failed')?.message,
      duration_seconds,
      tail: tail.text(),
      stuckAfter: through.every(Boolean) ? undefined : relay.received,
    };
  } finally {
    limit.stop();
    relay.stop();
  }
}

function exitOf(
  child: ChildProcess,
  startedAt: number,
): Promise<Pick<RunEnd, 'exitCode' | 'signal' | 'duration_seconds'>> {
  // A signal that could not be sent is no end.
  child.on('error', () => {});
  return new Promise((resolve) => {
    child.once('exit', (code, by) =>
      resolve({
        exitCode: code ?? undefined,
        signal: by ?? undefined,
        duration_seconds: secondsSince(startedAt),
      }),
    );
  });
}

/** Whatever is wrong with what listens, the output is passed on. */
async function listener({ listen }: RunOptions): Promise<(chunk: Buffer) => void> {
  try {
    return await listen();
  } catch {
    return () => {};
  }
}

function passagesOf(
  { stdout, stderr }: Extract<Started, { ok: true }>,
  onStdout: (chunk: Buffer) => void,
  tail: OutputTail,
): Passage[] {
  const kept = (chunk: Buffer) => tail.push(chunk);
  const read = (chunk: Buffer) => {
    kept(chunk);
    onStdout(chunk);
  };
  return [
    ...(stdout ? [new Passage(stdout, 1, read)] : []),
    ...(stderr ? [new Passage(stderr, 2, kept)] : []),
  ];
}

/** Ends the child when its time is up: TERM, after a grace KILL. */
function limitTime(child: ChildProcess, relay: SignalRelay, seconds: number | undefined) {
  let passed = false;
  let timer: NodeJS.Timeout | undefined;
  if (seconds !== undefined) {
    timer = setTimeout(() => {
      passed = true;
      relay.send('SIGTERM');
      timer = setTimeout(() => relay.send('SIGKILL'), graceMs);
    }, seconds * 1000);
  }
  const stop = () => clearTimeout(timer);
  child.once('exit', stop);
  return {
    get passed() {
      return passed;
    },
    stop,
  };
}

function goneOf(cutOffs: { kind: string }[]): 'reader_gone' | undefined {
  return cutOffs.some(({ kind }) => kind === 'reader_gone') ? 'reader_gone' : undefined;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
