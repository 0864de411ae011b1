import { CommanderError } from 'commander';
import { messageOf } from '../domain/errors.ts';
import { simulateCommand } from './simulate-command.ts';

/** What has happened as an exit code: 2 for a command line that is not one, 1 for anything else that went wrong. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`simulate: ${messageOf(error)}\n`);
  return 1;
}

try {
  await simulateCommand().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
