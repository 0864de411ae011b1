import { onTestFinished } from 'vitest';
import { endMarked, findMarked } from '../../src/runner/marked-processes.ts';

/** The processes of a task that are still there. */
export async function survivorsOf(task: string): Promise<number[]> {
  const marked = (await findMarked()) ?? [];
  return marked.filter(({ mark }) => mark.task === task).map(({ pid }) => pid);
}

/** Ends them after the test: one that fails must leave nothing either. */
export function endWithTest(task: string): void {
  onTestFinished(async () => {
    await endMarked((mark) => mark.task === task, 0);
  });
}
