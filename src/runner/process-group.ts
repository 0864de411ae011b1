import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import { groupIsAlive, signalGroup } from './group-signal.ts';

export interface GroupOptions {
  program: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin?: string;
  /** Milliseconds between TERM and KILL. */
  graceMs: number;
  /** Each piece of output; the child is not read further until it resolves. */
  onOutput(from: 'stdout' | 'stderr', chunk: Buffer): Promise<void>;
  /** Ends what left the group, once the group is gone. */
  endStrays?(): Promise<unknown>;
  /** How long output that is still open may be silent once all are gone, in milliseconds; 2000 unless said. */
  drainMs?: number;
}

export type GroupEnd =
  | { kind: 'exited'; exitCode?: number; signal?: NodeJS.Signals }
  | { kind: 'not_started'; message: string };

/** A child with everything that it starts, as long as that stays in its process group. */
export interface ProcessGroup {
  /** Resolves when the child has exited, its output is read, and no member of the group is left. Never rejects. */
  readonly ended: Promise<GroupEnd>;
  /** TERM to all of the group, after the grace KILL. */
  end(): Promise<void>;
  /** KILL to all of the group, at once. */
  kill(): void;
}

/** How long nothing may come once all are gone: only a process that could not be found can hold the output open. */
const usualDrainMs = 2000;
/** So often as that it may still come, if that process writes to it. */
const mostDrains = 15;

/** Starts a program as the leader of a process group of its own. */
export function startProcessGroup(options: GroupOptions): ProcessGroup {
  let child: ChildProcess;
  try {
    child = spawn(options.program, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return notStarted(error);
  }
  const pid = child.pid;
  if (pid === undefined) {
    const failed = new Promise<GroupEnd>((resolve) => {
      child.once('error', (error) => resolve({ kind: 'not_started', message: messageOf(error) }));
    });
    return { ...nothing, ended: failed };
  }
  feed(child, options.stdin);
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= endGroup(pid, options.graceMs);
    return ending;
  };
  return { ended: follow(child, options, end), end, kill: () => void signalGroup(pid, 'SIGKILL') };
}

async function follow(
  child: ChildProcess,
  options: GroupOptions,
  end: () => Promise<void>,
): Promise<GroupEnd> {
  // Signals that cannot be sent are no end; a child that could not start has no pid.
  child.on('error', () => {});
  const reading = { taken: 0, busy: 0 };
  const take = async (from: 'stdout' | 'stderr', chunk: Buffer) => {
    reading.busy += 1;
    await options.onOutput(from, chunk);
    reading.busy -= 1;
    reading.taken += 1;
  };
  const output = Promise.all([
    read(child.stdout, (chunk) => take('stdout', chunk)),
    read(child.stderr, (chunk) => take('stderr', chunk)),
  ]);
  const exit = await new Promise<GroupEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ kind: 'exited', exitCode: code ?? undefined, signal: signal ?? undefined });
    });
  });
  await end();
  await options.endStrays?.();
  await drain(output, reading, options.drainMs ?? usualDrainMs);
  child.stdout?.destroy();
  child.stderr?.destroy();
  await output;
  return exit;
}

/** Waits for the rest of the output: it may be long, and we slow, on a machine with more to do. */
async function drain(
  output: Promise<unknown>,
  reading: Readonly<{ taken: number; busy: number }>,
  milliseconds: number,
): Promise<void> {
  for (let drains = 0; drains < mostDrains; drains += 1) {
    const before = reading.taken;
    const waiting = new AbortController();
    const silence = sleep(milliseconds, false, { signal: waiting.signal }).catch(() => false);
    const ended = await Promise.race([output.then(() => true), silence]);
    waiting.abort();
    if (ended) return;
    // What came while we were held up is read before it counts as silence.
    await sleep(1);
    if (reading.taken === before && reading.busy === 0) return;
  }
}

async function read(stream: Readable | null, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  if (!stream) return;
  try {
    for await (const chunk of stream) await take(chunk);
  } catch {
    // The pipe was closed under us: what came before has been taken.
  }
}

function feed(child: ChildProcess, text: string | undefined): void {
  // A child that exits without reading is not an error of ours.
  child.stdin?.on('error', () => {});
  child.stdin?.end(text);
}

const nothing = { end: async () => {}, kill: () => {} };

function notStarted(error: unknown): ProcessGroup {
  return { ...nothing, ended: Promise.resolve({ kind: 'not_started', message: messageOf(error) }) };
}

async function endGroup(pid: number, graceMs: number): Promise<void> {
  if (!(await groupIsAlive(pid))) return;
  signalGroup(pid, 'SIGTERM');
  if (await goneWithin(pid, graceMs)) return;
  signalGroup(pid, 'SIGKILL');
  // KILL cannot be refused, but a process in uninterruptible sleep dies late: it is not waited for.
  await goneWithin(pid, 5000);
}

async function goneWithin(pid: number, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (let pause = 2; ; pause = Math.min(100, pause * 2)) {
    if (!(await groupIsAlive(pid))) return true;
    const left = until - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
}
