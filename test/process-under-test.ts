import { onTestFinished } from 'vitest';
import { type AndonProcess, startAndon } from './andon-process.ts';

export { ready, until } from './until.ts';

/** One `andon` command as a process of its own, ended after the test at the latest. */
export function andon(args: string[], env: Record<string, string> = {}): AndonProcess {
  const started = startAndon(args, env);
  onTestFinished(() => started.kill());
  return started;
}
