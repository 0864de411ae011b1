import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readToken, serviceUrlOf } from '../app/api-client.ts';
import { dataPaths } from '../app/data-paths.ts';
import { type Config, configSchema, inheritedEnvironment, loadConfig } from '../config.ts';
import type { MetricsService } from '../exec/metrics-sender.ts';
import { createOutcomeSpool, type OutcomeSpool } from '../exec/outcome-spool.ts';
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

export interface Reporting {
  config: Config;
  service: MetricsService;
  spool: OutcomeSpool;
}

/** Where runs are reported to, by settings, environment and command line. */
export function reportingTo(options: Pick<ReportingOptions, 'config' | 'data' | 'service'>): Reporting {
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'runner.service_url': options.service },
  });
  const url = serviceUrlOf(config);
  return {
    config,
    service: { url, token: tokenOf(config) },
    spool: createOutcomeSpool(spoolFolder(config), url),
  };
}

/** The token for reports; the admin's only for the service of this data folder, and only if that asks for any. */
function tokenOf(config: Config): string | undefined {
  if (config.runner.token !== undefined || config.service.tokens.length === 0) return config.runner.token;
  return config.runner.service_url === undefined ? readToken(dataPaths(config).adminToken) : undefined;
}

/**
 * In the data folder; where nobody has made one, in the user's own folder for such things, since a command that
 * measures must not leave a folder in the work tree that it is run in.
 */
function spoolFolder(config: Config): string {
  const { data, adminToken } = dataPaths(config);
  const isDefault = config.data_dir === configSchema.shape.data_dir.parse(undefined);
  if (!isDefault || existsSync(adminToken)) return join(data, 'spool-exec');
  const state = inheritedEnvironment().XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'andon', 'spool-exec');
}
