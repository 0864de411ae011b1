import type { Command } from 'commander';
import { numberOption } from './number-option.ts';

export interface ReportingOptions {
  config?: string;
  data?: string;
  service?: string;
  taskId?: string;
  attempt: number;
  taskType: string;
  project?: string;
  executor?: string;
  model?: string;
  promptVariant?: string;
  skillVersion?: string;
  experiment?: string;
  variant?: string;
}

/** The options of the commands that report a run. */
export function withReportingOptions(command: Command): Command {
  return command
    .option('--task-id <id>', 'the run’s own id, counted once with its attempt; one is made, unless said')
    .option('--attempt <number>', 'which try it is', numberOption, 1)
    .option('-t, --task-type <type>', 'spec, impl, test, review or heal', 'impl')
    .option(
      '-p, --project <name>',
      'whose work it is; the git repository’s or the folder’s name, unless said',
    )
    .option('-e, --executor <name>', 'which agent CLI it is; recognised, unless said')
    .option('-m, --model <name>', 'what it runs on; as the CLI tells, unless said')
    .option('--prompt-variant <name>', 'a tag to compare by')
    .option('--skill-version <name>', 'a tag to compare by')
    .option('--experiment <name>', 'the experiment it is part of')
    .option('--variant <name>', 'the arm of the experiment')
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for what cannot be delivered yet');
}

/** The tags of a run in the words of an outcome. */
export function tagsOf(options: ReportingOptions) {
  const { attempt, project, executor, model, experiment, variant } = options;
  return {
    attempt,
    task_type: options.taskType,
    project,
    executor,
    model,
    prompt_variant: options.promptVariant,
    skill_version: options.skillVersion,
    experiment,
    variant,
  };
}
