import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A runner in a process of its own, which a test can kill. */
export interface RunnerProcess {
  output(): string;
  /** Resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export function startRunnerProcess(url: string, dataDir: string, id = 'r1'): RunnerProcess {
  const program = join(import.meta.dirname, 'runner-program.ts');
  const child = spawn(process.execPath, [program, url, dataDir, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => end(child, signal, closed);
  onTestFinished(() => kill());
  return { output: () => output, kill };
}

function end(child: ChildProcess, signal: NodeJS.Signals, closed: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return closed;
}
