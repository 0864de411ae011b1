import type { StartedRunner } from '../app/runner.ts';
import type { Runner } from '../runner/runner.ts';
import { type Stop, say } from './terminal.ts';

/** What a person should know of the executors: which are off, and which may not get far. */
export function adviceOn({ missing, doubtful }: Pick<StartedRunner, 'missing' | 'doubtful'>): string[] {
  return [
    ...missing.map(({ name, advice }) => `Executor ${name} is off: ${advice}`),
    ...doubtful.map(({ name, advice }) => `Executor ${name} may fail: ${advice}`),
  ];
}

/** Tells how a runner stops that was asked to; a second Ctrl-C cuts its grace short. */
export function tellStopping(runner: Runner, stop: Stop, graceSeconds: number): void {
  stop.onSecond(() => void runner.stop());
  const { running } = runner;
  const tasks = `${running} running ${running === 1 ? 'task' : 'tasks'}`;
  if (running === 0) say('Stopping.');
  else if (graceSeconds === 0) say(`Stopping: handing back ${tasks}.`);
  else say(`Stopping: handing back ${tasks} in ${graceSeconds} s; Ctrl-C again does so at once.`);
}
