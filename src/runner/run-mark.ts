import type { RunnerLife } from './runner-life.ts';

/** Which runner, task and attempt a process belongs to: the value of ANDON_RUN_MARK in its environment. */
export interface RunMark extends RunnerLife {
  task: string;
  attempt: number;
}

export function formatMark({ runner, task, attempt, instance }: RunMark): string {
  return [runner, task, attempt, instance].join(':');
}

export function parseMark(text: string): RunMark | undefined {
  const [runner, task, attempt, instance] = text.split(':');
  if (!runner || !task || !attempt || !instance) return undefined;
  return { runner, task, attempt: Number(attempt), instance };
}
