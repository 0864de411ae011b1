import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

/** One `andon` command as a process of its own, ended after the test at the latest. */
export interface ProcessUnderTest {
  readonly pid: number;
  readonly output: () => string;
  /** Resolves with the exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop, as a person's Ctrl-C or an init system would. */
  terminate(signal?: NodeJS.Signals): Promise<number | null>;
}

export function andon(args: string[], env: Record<string, string> = {}): ProcessUnderTest {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  onTestFinished(() => end(child, 'SIGKILL', ended).then(() => undefined));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    kill: () => end(child, 'SIGKILL', ended).then(() => undefined),
    terminate: (signal = 'SIGTERM') => end(child, signal, ended),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<number | null>) {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return ended;
}

/** Asks until the answer is what is wanted. Fails with what it last saw. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  options: { seconds: number; what: string },
): Promise<T> {
  const deadline = performance.now() + options.seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? String(last) : JSON.stringify(last);
      throw new Error(`${options.what}: not within ${options.seconds} s; last seen: ${seen?.slice(0, 500)}`);
    }
    await sleep(100);
  }
}

export async function ready(url: string): Promise<void> {
  await until(
    async () => (await fetch(`${url}/readyz`)).status,
    (status) => status === 200,
    {
      seconds: 20,
      what: `${url} is ready`,
    },
  );
}
