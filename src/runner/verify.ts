import type { ErrorClass } from '../domain/outcome.ts';
import { describeEnd, plainHead } from '../executors/process-end.ts';
import type { AttemptState } from './attempt-run.ts';
import { runCommand } from './command-run.ts';
import { maskText } from './secret-mask.ts';
import type { TaskLog } from './task-log.ts';
import type { WorkDir } from './work-dir.ts';

/**
 * Runs the commands that must pass before an attempt counts as completed, one after the other, within what is left
 * of the attempt's time. Answers why it failed; undefined if all passed, or if the attempt was ended meanwhile.
 */
export async function runVerify(
  state: AttemptState,
  commands: string[],
  dir: WorkDir,
  log: TaskLog,
): Promise<{ error_class: ErrorClass; error_message: string } | undefined> {
  for (const command of commands) {
    await log.note(maskText(`verify: ${plainHead(command, 200)}`, state.context.secrets));
    const { end, tail } = await runCommand(state, { program: '/bin/sh', args: ['-c', command] }, dir, log);
    if (state.endReason) return undefined;
    if (end.kind === 'exited' && end.exitCode === 0) continue;
    const how = end.kind === 'exited' ? describeEnd({ ...end, tail }) : end.message;
    return { error_class: 'verify_failed', error_message: `${plainHead(command, 200)}: ${how}` };
  }
  return undefined;
}
