import { Command } from 'commander';
import { dataPaths } from '../app/data-paths.ts';
import { scheduleReports } from '../app/report-schedule.ts';
import { createService } from '../app/service.ts';
import { loadConfig } from '../config.ts';
import { numberOption } from './number-option.ts';
import { createLogger, say, untilStopped } from './terminal.ts';

export function serviceCommand(): Command {
  return new Command('service')
    .description('Start the service alone: the API, the webhook and /metrics')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'where everything is kept')
    .option('--port <number>', 'port to listen on', numberOption)
    .action(async (options: { config?: string; data?: string; port?: number }) => {
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
    });
}
