import { Command } from 'commander';
import { dataPaths } from '../app/data-paths.ts';
import { numberOption } from './number-option.ts';
import { say, untilStopped } from './terminal.ts';

interface ServiceOptions {
  config?: string;
  data?: string;
  port?: number;
}

export function serviceCommand(): Command {
  return new Command('service')
    .description('Start the service alone: the API, the webhook and /metrics')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'where everything is kept')
    .option('--port <number>', 'port to listen on', numberOption)
    .action(async (options: ServiceOptions) => serve(options));
}

async function serve(options: ServiceOptions): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { scheduleReports } = await import('../app/report-schedule.ts');
  const { createService } = await import('../app/service.ts');
  const { createLogger } = await import('./program-log.ts');
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'service.port': options.port },
  });
  const stopped = untilStopped();
  const logger = createLogger(config.log_level);
  const service = await createService(config, logger);
  const endReports = scheduleReports(config, { service, logger });
  say(`Andon            ${service.publicUrl}  (${service.store.describe()})`);
  say(`Admin token      ${dataPaths(config).adminToken}`);
  await stopped;
  await endReports();
  await service.close();
}
