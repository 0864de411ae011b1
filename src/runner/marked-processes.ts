import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import { markVariable } from './child-environment.ts';
import { parseMark, type RunMark } from './run-mark.ts';

/** A process that carries a mark. */
export interface MarkedProcess {
  pid: number;
  mark: RunMark;
}

const key = Buffer.from(`${markVariable}=`);
/** KILL cannot be refused, but a process in uninterruptible sleep dies late: it is not waited for. */
const killedWithinMs = 5000;

/**
 * Every process of this user that carries a mark in the environment that it was started with, also one that left its
 * process group or lost its parents. Undefined on a system without `/proc`.
 */
export async function findMarked(): Promise<MarkedProcess[] | undefined> {
  let entries: string[];
  try {
    entries = await readdir('/proc');
  } catch {
    return undefined;
  }
  const pids = entries.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  if (pids.length === 0) return undefined;
  const buffer = Buffer.allocUnsafe(usualBytes);
  const found: MarkedProcess[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % slice === slice - 1) await yieldToOthers();
    const mark = readMark(pid, buffer);
    if (mark) found.push({ pid: Number(pid), mark });
  }
  return found;
}

/**
 * Ends what `isOrphan` picks: TERM, after the grace KILL, until none is left. Answers how many there were; undefined
 * where processes cannot be looked through.
 */
export async function endMarked(
  isOrphan: (mark: RunMark) => boolean | Promise<boolean>,
  graceMs: number,
): Promise<number | undefined> {
  const ended = new Set<number>();
  const find = async () => {
    const found = await findMarked();
    const picked = await Promise.all(found?.map(({ mark }) => isOrphan(mark)) ?? []);
    const orphans = found?.filter((_, index) => picked[index]);
    for (const { pid } of orphans ?? []) ended.add(pid);
    return orphans;
  };
  const first = await find();
  if (!first?.length) return first?.length;
  await endWithin(graceMs, 'SIGTERM', find);
  // What one of them starts before it dies is found by the next look.
  await endWithin(killedWithinMs, 'SIGKILL', find);
  return ended.size;
}

/** Signals each process once, new ones as they are found, and looks until none is left or the time is up. */
async function endWithin(
  milliseconds: number,
  signal: NodeJS.Signals,
  find: () => Promise<MarkedProcess[] | undefined>,
): Promise<void> {
  const until = performance.now() + milliseconds;
  const told = new Set<number>();
  for (let pause = 2; ; pause = Math.min(100, pause * 2)) {
    const left = (await find()) ?? [];
    if (left.length === 0) return;
    for (const { pid } of left) {
      if (!told.has(pid)) send(pid, signal);
      told.add(pid);
    }
    const remaining = until - performance.now();
    if (remaining <= 0) return;
    await sleep(Math.min(pause, remaining));
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}

/** How many processes are looked at in one turn: half a millisecond. */
const slice = 50;
/** More than most environments; what is larger is read again, whole. */
const usualBytes = 32_768;

function readMark(pid: string, buffer: Buffer): RunMark | undefined {
  // Another user's, a zombie's and a kernel thread's cannot be read or is empty.
  const environ = readEnvironment(`/proc/${pid}/environ`, buffer);
  for (let at = environ.indexOf(key); at >= 0; at = environ.indexOf(key, at + 1)) {
    if (at > 0 && environ[at - 1] !== 0) continue;
    const end = environ.indexOf(0, at);
    return parseMark(environ.toString('latin1', at + key.length, end < 0 ? undefined : end));
  }
  return undefined;
}

/**
 * The whole of a small file, in the buffer if it fits; empty if it cannot be read. There is one of these for each
 * process of the machine after each attempt: through the thread pool they would take three times as long.
 */
function readEnvironment(path: string, buffer: Buffer): Buffer {
  try {
    const length = readInto(buffer, path);
    return length < buffer.length ? buffer.subarray(0, length) : readFileSync(path);
  } catch {
    return buffer.subarray(0, 0);
  }
}

function readInto(buffer: Buffer, path: string): number {
  const file = openSync(path, 'r');
  try {
    return readSync(file, buffer, 0, buffer.length, null);
  } finally {
    closeSync(file);
  }
}
