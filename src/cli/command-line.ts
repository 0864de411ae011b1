import { Command, CommanderError } from 'commander';
import { AppError, messageOf } from '../domain/errors.ts';
import { version } from '../version.ts';
import { backupCommands } from './backup.ts';
import { budgetCommand } from './budget.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { execCommandLine } from './exec.ts';
import { generateCommand } from './generate.ts';
import { improvementCommands } from './improvements.ts';
import { ingestCommand } from './ingest.ts';
import { reportCommand } from './report.ts';
import { repriceCommand } from './reprice.ts';
import { runCommand } from './run.ts';
import { serviceCommand } from './service.ts';
import { startCommand } from './start.ts';
import { taskCommand } from './task.ts';
import { verdictCommand } from './verdict.ts';

/** The program with all its commands, for what runs it and what describes it. It throws instead of exiting. */
export function createProgram(): Command {
  const program = new Command('andon')
    .description('Watches a pipeline of coding agents, and pulls the cord when it stalls.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'andon: ')) })
    .showHelpAfterError('(andon --help shows what there is)');
  for (const command of [
    startCommand(),
    demoCommand(),
    execCommandLine(),
    ingestCommand(),
    taskCommand(),
    verdictCommand(),
    ...improvementCommands(),
    reportCommand(),
    budgetCommand(),
    serviceCommand(),
    runCommand(),
    repriceCommand(),
    ...backupCommands(),
    checkCommand(),
    generateCommand(),
  ]) {
    program.addCommand(inherit(command, program, 'andon'));
  }
  return program;
}

/** Gives a command and those under it the program's ways. */
function inherit(command: Command, from: Command, above: string): Command {
  const name = `${above} ${command.name()}`;
  command.copyInheritedSettings(from).showHelpAfterError(`(${name} --help shows what it takes)`);
  for (const inner of command.commands) inherit(inner, command, name);
  return command;
}

/** Runs one command. Answers the exit code: 0, 1 for what went wrong, 2 for a command line that is not one. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`andon: ${messageOf(error)}\n`);
    if (!(error instanceof AppError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}
