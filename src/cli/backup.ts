import { Command } from 'commander';
import { say } from './terminal.ts';

interface Options {
  config?: string;
  data?: string;
}

export function backupCommands(): Command[] {
  return [
    withData(new Command('backup'))
      .argument('<file>', 'the new file')
      .description('Copy the store into a file; the service goes on meanwhile')
      .action(backup),
    withData(new Command('restore'))
      .argument('<file>', 'a file that andon backup wrote')
      .description('Put a backup in place of the store, which is kept beside it; Andon must be stopped')
      .action(restore),
  ];
}

function withData(command: Command): Command {
  return command
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service');
}

async function storePath(options: Options): Promise<string> {
  const { loadConfig } = await import('../config.ts');
  const { sqlitePathOf } = await import('../app/open-store.ts');
  return sqlitePathOf(loadConfig({ file: options.config, overrides: { data_dir: options.data } }));
}

async function backup(target: string, options: Options): Promise<void> {
  const { backUp } = await import('../store/sqlite/backup.ts');
  const { tasks, outcomes, bytes, schema } = backUp(await storePath(options), target);
  say(`${target}: ${holds(tasks, outcomes)}, schema ${schema}, ${megabytes(bytes)}`);
}

async function restore(file: string, options: Options): Promise<void> {
  const store = await import('../store/sqlite/backup.ts');
  const path = await storePath(options);
  const { file: found, kept } = store.restore(file, path, new Date());
  say(`${path}: ${holds(found.tasks, found.outcomes)}`);
  if (kept) say(`What was there: ${kept}`);
}

function holds(tasks: number, outcomes: number): string {
  return `${tasks} ${tasks === 1 ? 'task' : 'tasks'}, ${outcomes} ${outcomes === 1 ? 'outcome' : 'outcomes'}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
