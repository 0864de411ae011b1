import { askedModel, type CliCommands, isCliName, recognizeCli, recordPath } from '../executors/cli-names.ts';
import { openRecord, type RecordFile } from '../executors/record-file.ts';
import { asksForJson } from './stream-plan.ts';

/** What a command line is to us, before anything of its output is read. */
export interface KnownCli {
  /** An executor's name; absent where nothing says which it is. */
  executor?: string;
  /** Whether there is something that can read its output. */
  readable: boolean;
  /** Whether that output has a form that tells what was used. */
  telling: boolean;
  /** The command line as this CLI's own; absent where a script of the user's starts it. */
  argv?: readonly string[];
  /** The model that the command line asks for. */
  askedModel?: string | undefined;
  /** Where it writes figures besides its output, if the user has told it to. */
  record?: RecordFile | undefined;
}

/** Which CLI a command line starts: the one that is said, else the one that it looks like. */
export function cliOf(
  argv: readonly string[],
  {
    said,
    commands,
    env,
  }: { said?: string | undefined; commands?: CliCommands | undefined; env: NodeJS.ProcessEnv },
): KnownCli {
  const seen = recognizeCli(argv, commands);
  if (said === undefined || said === seen) {
    if (seen === undefined) return { executor: said, readable: false, telling: false };
    const record = recordPath(seen, argv, env);
    return {
      executor: seen,
      readable: true,
      telling: asksForJson(argv),
      argv,
      askedModel: askedModel(seen, argv),
      record: record ? openRecord(record) : undefined,
    };
  }
  const readable = isCliName(said) || said === 'shell';
  return { executor: said, readable, telling: readable };
}
