import { resolve } from 'node:path';
import { Command } from 'commander';
import { say } from './terminal.ts';

interface Options {
  config?: string;
  data?: string;
  type: string;
  project?: string;
  executor?: string;
  model?: string;
  repo?: string;
  command?: string;
  promptVariant?: string;
  skillVersion?: string;
  critical?: boolean;
}

export function taskCommand(): Command {
  return new Command('task')
    .description('Queue a task')
    .argument('<direction>', 'what is to be done, in words')
    .option('-t, --type <type>', 'spec, impl, test, review or heal', 'impl')
    .option('-p, --project <name>', 'whose work it is')
    .option('-e, --executor <name>', 'which agent CLI runs it')
    .option('-m, --model <name>', 'what it runs on')
    .option('--repo <folder>', 'where the work is')
    .option('--command <line>', 'what a shell task runs')
    .option('--prompt-variant <name>', 'a tag to compare by')
    .option('--skill-version <name>', 'a tag to compare by')
    .option('--critical', 'hand it out though a budget is spent')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token')
    .action(async (direction: string, options: Options) => queue(direction, options));
}

async function queue(direction: string, options: Options): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { createApiClient } = await import('../app/api-client.ts');
  const { task } = await import('../domain/task.ts');
  const client = createApiClient(loadConfig({ file: options.config, overrides: { data_dir: options.data } }));
  const created = await client.post('/api/agent/tasks', requestOf(direction, options), task);
  say(`${created.id}  ${created.status}  ${created.task_type} on ${created.executor}`);
}

function requestOf(direction: string, options: Options) {
  const { type, project, executor, model, repo, command, promptVariant, skillVersion, critical } = options;
  return {
    direction,
    task_type: type,
    project,
    executor,
    model,
    // From here: the runner's own folder is another.
    repo: repo === undefined ? undefined : resolve(repo),
    critical,
    context: { command, prompt_variant: promptVariant, skill_version: skillVersion },
  };
}
