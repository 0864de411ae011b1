import { Command } from 'commander';
import { inheritedEnvironment } from '../environment.ts';
import { numberOption } from './number-option.ts';
import { say, untilStopped } from './terminal.ts';

interface RunOptions {
  config?: string;
  data?: string;
  service?: string;
  workers?: number;
  once?: boolean;
  grace: number;
}

export function runCommand(): Command {
  return new Command('run')
    .description('Start a runner alone: it claims tasks from a service and runs them')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'where logs and work folders are kept')
    .option('--service <url>', 'where the service is')
    .option('--workers <number>', 'tasks that are run at the same time', numberOption)
    .option('--once', 'run what there is, then stop')
    .option(
      '--grace <seconds>',
      'how long running tasks may go on after TERM before they are handed back',
      numberOption,
      0,
    )
    .action(async (options: RunOptions) => run(options));
}

async function run(options: RunOptions): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { startRunner } = await import('../app/runner.ts');
  const { createLogger } = await import('./program-log.ts');
  const config = loadConfig({
    file: options.config,
    overrides: {
      data_dir: options.data,
      'runner.service_url': options.service,
      'runner.workers': options.workers,
    },
  });
  const serviceUrl = config.runner.service_url ?? `http://127.0.0.1:${config.service.port}`;
  const stopped = untilStopped();
  const started = await startRunner(config, {
    serviceUrl,
    token: config.runner.token,
    once: options.once,
    logger: createLogger(config.log_level),
    env: inheritedEnvironment(),
  });
  say(`Runner ${config.runner.id} takes tasks of ${serviceUrl} for: ${started.executors.join(', ')}`);
  for (const { name, advice } of started.missing) say(`Executor ${name} is off: ${advice}`);
  try {
    await Promise.race([stopped, started.runner.done]);
  } finally {
    await started.close(options.grace);
  }
}
