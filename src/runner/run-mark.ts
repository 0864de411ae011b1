import type { RunnerLife } from './runner-life.ts';

/** Which data folder, runner, task and attempt a process belongs to: the value of ANDON_RUN_MARK in its environment. */
export interface RunMark extends RunnerLife {
  task: string;
  attempt: number;
}

export function formatMark({ data, runner, task, attempt, instance }: RunMark): string {
  return [data, runner, task, attempt, instance].join(':');
}

export function parseMark(text: string): RunMark | undefined {
  const [data, runner, task, attempt, instance] = text.split(':');
  if (!data || !runner || !task || !attempt || !instance) return undefined;
  return { data, runner, task, attempt: Number(attempt), instance };
}
