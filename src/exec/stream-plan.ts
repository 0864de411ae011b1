import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { KnownCli } from './known-cli.ts';

/** What becomes of each of the child's two output streams: ours as it is, or one that is read on its way. */
export interface StreamPlan {
  stdout: 'inherit' | 'pass';
  /** `with_stdout`: both into one pipe, since both of ours are the same file, so that their order stays. */
  stderr: 'inherit' | 'pass' | 'with_stdout';
}

/**
 * Nothing is read that nobody could make sense of, and a terminal stays one: only output that a program is meant to
 * read is taken off it.
 */
export function planStreams({ readable, telling }: KnownCli): StreamPlan {
  const [stdout, stderr] = [isatty(1), isatty(2)];
  if (!readable || (stdout && !telling)) return { stdout: 'inherit', stderr: 'inherit' };
  if (stderr) return { stdout: 'pass', stderr: 'inherit' };
  return { stdout: 'pass', stderr: !stdout && isSameFile(1, 2) ? 'with_stdout' : 'pass' };
}

/** Whether a command line asks for JSON, in any of the ways that the CLIs have for that. */
export function asksForJson(argv: readonly string[]): boolean {
  return argv.some((argument) => /^(-{1,2}[a-z-]+=?)?(stream-)?json$|^--experimental-json$/.test(argument));
}

/** True if a person sits at it: what the terminal sends reaches the child by itself, if it stays in our group. */
export function atTerminal(): boolean {
  return isatty(0) || isatty(1) || isatty(2);
}

function isSameFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one, { bigint: true }), fstatSync(other, { bigint: true })];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
