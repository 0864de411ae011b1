import type { Command } from '../executors/executor.ts';
import type { AttemptState } from './attempt-run.ts';
import { childEnvironment } from './child-environment.ts';
import { endMarked } from './marked-processes.ts';
import { OutputTail } from './output-tail.ts';
import { type GroupEnd, startProcessGroup } from './process-group.ts';
import { formatMark } from './run-mark.ts';
import { SecretMask } from './secret-mask.ts';
import type { TaskLog } from './task-log.ts';
import type { WorkDir } from './work-dir.ts';

/** How a program of an attempt ended, and the end of what it wrote, without secrets. */
export interface CommandRun {
  end: GroupEnd;
  tail: string;
}

/** How much of the output an error message may be made of. */
const tailBytes = 8192;

/**
 * Runs one program of an attempt with everything around it: environment, log, progress, and that it can be ended
 * with all that it has started. Not started at all if the attempt has been ended meanwhile.
 */
export async function runCommand(
  state: AttemptState,
  command: Command,
  dir: WorkDir,
  log: TaskLog,
  onOutput: (from: 'stdout' | 'stderr', chunk: Buffer) => void = () => {},
): Promise<CommandRun> {
  const { context } = state;
  if (state.endReason) return { end: { kind: 'not_started', message: 'ended before it began' }, tail: '' };
  const tail = new OutputTail(tailBytes);
  const masks = { stdout: new SecretMask(context.secrets), stderr: new SecretMask(context.secrets) };
  const show = (shown: Buffer) => {
    tail.push(shown);
    return log.write(shown);
  };
  state.progressAt = context.monotonic();
  state.group = startProcessGroup({
    ...command,
    cwd: dir.path,
    env: environmentOf(state, command, dir),
    graceMs: context.graceSeconds * 1000,
    async onOutput(from, chunk) {
      state.progressAt = context.monotonic();
      context.metrics.progress(context.clock());
      onOutput(from, chunk);
      const shown = masks[from].push(chunk);
      if (shown.length > 0) await show(shown);
    },
    endStrays: () => endStrays(state),
  });
  try {
    const end = await state.group.ended;
    for (const mask of Object.values(masks)) await show(mask.end());
    return { end, tail: tail.text() };
  } finally {
    state.group = undefined;
  }
}

function environmentOf({ context, claimed, traceparent }: AttemptState, command: Command, dir: WorkDir) {
  const { task, attempt } = claimed;
  return childEnvironment(context.env, {
    task,
    attempt,
    traceparent,
    mark: formatMark({ ...context.life, task: task.id, attempt }),
    extra: { ...dir.env, ...command.env },
  });
}

/** Ends what has left the process group: it is known by the mark in its environment. */
async function endStrays({ context, claimed }: AttemptState): Promise<void> {
  const { task, attempt } = claimed;
  const { life, graceSeconds, logger } = context;
  const ended = await endMarked(
    (mark) => mark.instance === life.instance && mark.task === task.id && mark.attempt === attempt,
    graceSeconds * 1000,
  );
  if (ended)
    logger.warn({ task: task.id, attempt }, `${ended} processes had left their group, and were ended`);
}
