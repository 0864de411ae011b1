import { createInterface } from 'node:readline/promises';
import { pino } from 'pino';

/** Writes a line for a person. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** True if a person can be asked. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY);
}

/** Asks yes or no; Enter is yes. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes|)$/i.test((await lines.question(`${question} [Y/n] `)).trim());
  } finally {
    lines.close();
  }
}

/** Asks yes or no; yes if nobody has answered within so many seconds. */
export async function confirmWithin(question: string, seconds: number): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const prompt = `${question} [Y/n] (yes in ${seconds} s) `;
    const answer = await lines.question(prompt, { signal: AbortSignal.timeout(seconds * 1000) });
    return !/^n/i.test(answer.trim());
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    process.stdout.write('yes\n');
    return true;
  } finally {
    lines.close();
  }
}

/** The program's own log: JSON lines on stderr, so that stdout stays for people. */
export function createLogger(level: string) {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}

/** Resolves at the first Ctrl-C or TERM; the second ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(130);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
