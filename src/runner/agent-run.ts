import { constants } from 'node:os';
import type { Task } from '../domain/task.ts';
import type { Cap, Command, Executor, Interpretation, OutputReader } from '../executors/executor.ts';
import { openRecord } from '../executors/record-file.ts';
import { failedBefore } from './attempt-end.ts';
import { type AttemptState, endAttempt } from './attempt-run.ts';
import { type CommandRun, runCommand } from './command-run.ts';
import { ownFolder } from './own-folder.ts';
import type { GroupEnd } from './process-group.ts';
import { maskText } from './secret-mask.ts';
import type { TaskLog } from './task-log.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';
import type { WorkDir } from './work-dir.ts';

/** How a run of the agent ended, and what its executor makes of it. */
export interface AgentRun {
  /** The exit status; 128 and the signal's number if one ended it, as a shell says it. */
  exit: number | 'none';
  interpretation: Interpretation;
}

/**
 * Runs the task's agent in a folder, to its end.
 * @throws AppError `invalid` if the task lacks what its executor needs
 */
export async function runAgent(
  state: AttemptState,
  task: Task,
  dir: WorkDir,
  log: TaskLog,
): Promise<AgentRun> {
  const executor = state.context.executors.get(task.executor);
  if (!executor) return failedBefore(`this runner has no executor ${task.executor}`);
  const folder = ownFolder();
  const run = { command: executor.command(task, folder.path), executor, task, dir, log };
  if (executor.leaves) await dir.exclude(executor.leaves, 'root');
  try {
    await folder.fill(run.command);
    return await runReader(state, run);
  } finally {
    await folder.remove();
  }
}

interface Run {
  executor: Executor;
  command: Command;
  task: Task;
  dir: WorkDir;
  log: TaskLog;
}

async function runReader(state: AttemptState, run: Run): Promise<AgentRun> {
  const { executor, command, dir, log } = run;
  const { secrets } = state.context;
  const reader = executor.createReader(state.context.clock);
  for (const cap of unkeptCaps(run)) {
    await log.note(`${cap} is not kept: ${executor.name} neither takes it nor tells as it goes`);
  }
  const record = command.record === undefined ? undefined : openRecord(command.record);
  const watched = watch(state, run);
  const { end, tail } = await runCommand(state, command, dir, log, (from, chunk) => {
    if (from === 'stdout') reader.push(chunk);
    watched.dog.output(reader.progress());
  });
  watched.dog.stop();
  if (record) reader.record?.(record.added());
  if (end.kind === 'not_started') {
    await log.note(maskText(end.message, secrets));
    return failedBefore(`${command.program} could not be started: ${end.message}`);
  }
  if (!watched.lingered) return { exit: exitStatus(end), interpretation: interpret(reader, { end, tail }) };
  const { afterResultSeconds } = state.context.limits;
  await log.note(`ended ${afterResultSeconds} s after its result`);
  // The result stands as it was: how the process ended is our doing.
  return { exit: exitStatus(end), interpretation: reader.interpret({ exitCode: 0, tail }) };
}

/** What the task limits and nobody watches: its author must not think otherwise. */
function unkeptCaps({ executor, task }: Run): Cap[] {
  const asked = (['max_cost_usd', 'max_turns'] as const).filter((cap) => task[cap] !== undefined);
  return asked.filter((cap) => !executor.caps?.includes(cap));
}

function interpret(reader: OutputReader, { end, tail }: CommandRun): Interpretation {
  const how = end.kind === 'exited' ? { exitCode: end.exitCode, signal: end.signal } : {};
  return reader.interpret({ ...how, tail });
}

function watch(state: AttemptState, { executor, task }: Run): { dog: Watchdog; readonly lingered: boolean } {
  const seen = { lingered: false };
  const dog = startWatchdog({
    limits: { ...state.context.limits, maxCostUsd: task.max_cost_usd, maxTurns: task.max_turns },
    streams: executor.streams,
    bite: (reason) => {
      if (reason !== 'lingering') return endAttempt(state, reason);
      seen.lingered = true;
      void state.group?.end();
    },
  });
  return {
    dog,
    get lingered() {
      return seen.lingered;
    },
  };
}

/** The number that a shell would show for this end. */
function exitStatus(end: GroupEnd): number | 'none' {
  if (end.kind === 'not_started') return 'none';
  return end.exitCode ?? 128 + (end.signal ? constants.signals[end.signal] : 0);
}
