import { Command } from 'commander';
import { inheritedEnvironment } from '../environment.ts';
import { setUps } from '../executors/set-ups.ts';
import { executorHelp } from './executor-help.ts';
import { numberOption } from './number-option.ts';
import { adviceOn, tellStopping } from './runner-words.ts';
import { exitIfStopped, listenForStop, say, untilStopped } from './terminal.ts';
import { keepYoungGeneration } from './young-generation.ts';

interface RunOptions {
  config?: string;
  data?: string;
  service?: string;
  workers?: number;
  once?: boolean;
  grace?: number;
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
      'how long running tasks may go on after TERM or Ctrl-C before they are handed back',
      numberOption,
    )
    .addHelpText('after', () => executorHelp(Object.values(setUps)))
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
      'runner.stop_grace_seconds': options.grace,
    },
  });
  const serviceUrl = config.runner.service_url ?? `http://127.0.0.1:${config.service.port}`;
  const stop = listenForStop();
  keepYoungGeneration();
  const starting = startRunner(config, {
    serviceUrl,
    token: config.runner.token,
    once: options.once,
    logger: createLogger(config.log_level),
    env: inheritedEnvironment(),
  });
  const started = await exitIfStopped(stop, starting);
  const { runner, id, executors } = started;
  say(`Runner ${id} takes tasks of ${serviceUrl} for: ${executors.join(', ')}`);
  for (const line of adviceOn(started)) say(line);
  const grace = config.runner.stop_grace_seconds;
  try {
    await Promise.race([untilStopped(stop), runner.done]);
    if (stop.signal.aborted) tellStopping(runner, stop, grace);
  } finally {
    await started.close(grace);
  }
}
