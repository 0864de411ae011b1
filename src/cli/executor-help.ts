import type { CliSetUp } from '../executors/executor.ts';

/** How to point a runner at each agent CLI, as a table below a command's help. */
export function executorHelp(setUps: readonly CliSetUp[]): string {
  return [
    '',
    'It takes tasks for each executor whose program is found. To point it at an agent CLI:',
    '',
    ...table([['executor', 'to log in', 'args, so that it may change files'], ...setUps.map(row)]),
    '',
    'Its program and arguments are settings, in andon.yaml, and so is who pays (metered, subscription):',
    '',
    '  executors:',
    '    claude-code: { command: claude, args: [--permission-mode, acceptEdits], billing: subscription }',
    '',
    'Tasks for the executor shell run a command line of their own; the API takes them where',
    'service.allow_shell_tasks is on.',
  ].join('\n');
}

function row({ name, logIn, variables, argsToWrite = [] }: CliSetUp): string[] {
  const way = logIn.replace(/^log in by (running )?/, '');
  const variable = variables[0] === undefined ? '' : `, or ${variables[0]}`;
  return [name, way + variable, argsToWrite.length > 0 ? `[${argsToWrite.join(', ')}]` : ''];
}

function table(rows: string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((cells) => (cells[column] ?? '').length));
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(width(column))).join('  ')}`.trimEnd(),
  );
}
