import { basename } from 'node:path';
import { type CommandNames, optionValue, starts } from './command-name.ts';

/**
 * What starts each agent CLI. Apart from the executors, which take ten times as long to load: `andon exec` has
 * recognised a command, and started it, before it loads them.
 */
export const cliNames = {
  'claude-code': { programs: ['claude'], packages: ['@anthropic-ai/claude-code'] },
  codex: { programs: ['codex'], packages: ['@openai/codex'] },
  // The editor's command starts the same program.
  cursor: { programs: ['cursor-agent', 'agent'], packages: [], through: ['cursor', 'agent'] },
  gemini: { programs: ['gemini'], packages: ['@google/gemini-cli'] },
  opencode: { programs: ['opencode'], packages: ['opencode-ai'] },
  aider: {
    programs: ['aider'],
    packages: ['aider-chat'],
    record: { option: '--analytics-log', variable: 'AIDER_ANALYTICS_LOG' },
    // `-m` is its message.
    model: ['--model'],
  },
} satisfies Record<string, CommandNames>;

export type CliName = keyof typeof cliNames;

/** What the settings say of the CLIs: they can give a program another name. */
export type CliCommands = Partial<Record<CliName, { command: string }>>;

/** The CLI that a user's own command line starts; undefined if it is none that we know. */
export function recognizeCli(argv: readonly string[], commands: CliCommands = {}): CliName | undefined {
  return allNames.find((name) => {
    const command = commands[name]?.command;
    const { programs, ...others }: CommandNames = cliNames[name];
    return starts(argv, {
      ...others,
      programs: command === undefined ? programs : [...programs, basename(command)],
    });
  });
}

/** The model that a user's own command line asks for. */
export function askedModel(name: CliName, argv: readonly string[]): string | undefined {
  const { model = ['--model', '-m'] }: CommandNames = cliNames[name];
  return optionValue(argv, ...model);
}

/** The file that a user's own command line, in its environment, makes a CLI write figures to. */
export function recordPath(
  name: CliName,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const { record }: CommandNames = cliNames[name];
  return record && (optionValue(argv, record.option) ?? env[record.variable]);
}

export function isCliName(name: string): name is CliName {
  return Object.hasOwn(cliNames, name);
}

const allNames = Object.keys(cliNames).filter(isCliName);
