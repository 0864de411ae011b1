import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../src/main.ts');

/** One `andon` command as a process of its own. */
export interface AndonProcess {
  readonly pid: number;
  /** What it has said so far, on stdout and stderr. */
  output(): string;
  /** Resolves with the exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop, as a person's Ctrl-C or an init system would. */
  terminate(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts one. Whoever starts it ends it. */
export function startAndon(args: string[], env: Record<string, string> = {}): AndonProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`${process.execPath} cannot be started`);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    pid: child.pid,
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
