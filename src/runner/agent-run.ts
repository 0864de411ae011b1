import { constants } from 'node:os';
import { messageOf } from '../domain/errors.ts';
import type { Command, Executor, Interpretation } from '../executors/executor.ts';
import { failedBefore } from './attempt-end.ts';
import type { AttemptState } from './attempt-run.ts';
import { childEnvironment } from './child-environment.ts';
import { OutputTail } from './output-tail.ts';
import { type GroupEnd, startProcessGroup } from './process-group.ts';
import type { TaskLog } from './task-log.ts';

/** How a run of the agent ended, and what its executor makes of it. */
export interface AgentRun {
  /** The exit status; 128 and the signal's number if one ended it, as a shell says it. */
  exit: number | 'none';
  interpretation: Interpretation;
}

/** How much of the output an error message may be made of. */
const tailBytes = 8192;

/** Runs the task's agent in a folder, to its end. */
export async function runAgent(state: AttemptState, cwd: string, log: TaskLog): Promise<AgentRun> {
  const { task } = state.claimed;
  const executor = state.context.executors.get(task.executor);
  if (!executor) return failedBefore(`this runner has no executor ${task.executor}`);
  let command: Command;
  try {
    command = executor.command(task);
  } catch (error) {
    return failedBefore(messageOf(error));
  }
  return interpretRun(state, executor, command, cwd, log);
}

async function interpretRun(
  state: AttemptState,
  executor: Executor,
  command: Command,
  cwd: string,
  log: TaskLog,
): Promise<AgentRun> {
  const reader = executor.createReader();
  const { end, tail } = await runCommand(state, command, cwd, log, (chunk) => reader.push(chunk));
  if (end.kind === 'not_started') {
    await log.note(end.message);
    return failedBefore(`${command.program} could not be started: ${end.message}`);
  }
  const interpretation = reader.interpret({ exitCode: end.exitCode, signal: end.signal, tail });
  return { exit: exitStatus(end), interpretation };
}

/**
 * Runs one program of an attempt with everything around it: environment, log, progress, and that it can be ended.
 * Not started at all if the attempt has been ended meanwhile.
 */
export async function runCommand(
  state: AttemptState,
  command: Command,
  cwd: string,
  log: TaskLog,
  onStdout: (chunk: Buffer) => void = () => {},
): Promise<{ end: GroupEnd; tail: string }> {
  const { context, claimed } = state;
  if (state.endReason) return { end: { kind: 'not_started', message: 'ended before it began' }, tail: '' };
  const tail = new OutputTail(tailBytes);
  state.progressAt = context.monotonic();
  state.group = startProcessGroup({
    ...command,
    cwd,
    env: childEnvironment(context.env, {
      ...claimed,
      traceparent: state.traceparent,
      extra: command.env,
    }),
    graceMs: context.graceSeconds * 1000,
    async onOutput(from, chunk) {
      state.progressAt = context.monotonic();
      context.metrics.progress(context.clock());
      tail.push(chunk);
      if (from === 'stdout') onStdout(chunk);
      await log.write(chunk);
    },
  });
  try {
    return { end: await state.group.ended, tail: tail.text() };
  } finally {
    state.group = undefined;
  }
}

/** The number that a shell would show for this end. */
export function exitStatus(end: GroupEnd): number | 'none' {
  if (end.kind === 'not_started') return 'none';
  return end.exitCode ?? 128 + (end.signal ? constants.signals[end.signal] : 0);
}
