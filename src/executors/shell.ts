import { AppError } from '../domain/errors.ts';
import type { Executor, Interpretation, ProcessEnd } from './executor.ts';
import { describeEnd } from './process-end.ts';

/** Linux takes no variable over 128 KiB: with a longer one nothing starts. */
const longestVariable = 120_000;

/** Runs `context.command` by `/bin/sh`. The direction is data: it is in `ANDON_DIRECTION`, and nowhere else. */
export const shell: Executor = {
  name: 'shell',
  streams: false,

  command(task) {
    const command = task.context.command;
    if (!command) throw new AppError('invalid', 'a shell task needs a command in its context');
    return {
      program: '/bin/sh',
      args: ['-c', command],
      env: { ANDON_DIRECTION: variable(task.direction) },
    };
  },

  createReader: () => ({ push() {}, progress: () => ({ final: false }), interpret }),

  probe: async () => ({ found: true, detail: '/bin/sh' }),
};

function interpret(end: ProcessEnd): Interpretation {
  const known = { usage_state: 'none', cost_source: 'none', billing: 'unknown' } as const;
  if (end.exitCode === 0) return { status: 'completed', ...known };
  return {
    status: 'failed',
    error_class: 'nonzero_exit',
    error_message: describeEnd(end),
    ...known,
  };
}

/** Text as the environment can hold it: without NUL, and cut at a character if it is too long. */
function variable(text: string): string {
  const bytes = Buffer.from(text.replaceAll('\0', ''));
  if (bytes.length <= longestVariable) return bytes.toString();
  let end = longestVariable;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}
