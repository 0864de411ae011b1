import { Command, Option } from 'commander';
import { say } from './terminal.ts';
import { sinceOption } from './time-option.ts';

interface Options {
  since?: string;
  format: 'text' | 'markdown' | 'json';
  service?: string;
  config?: string;
  data?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('What was done, failed, spent and fired, and what needs a person now')
    .option('--since <time>', 'from when on: a date, a time, or how long ago (24h, unless said)', sinceOption)
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['text', 'markdown', 'json'])
        .default('text'),
    )
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token')
    .action(async (options: Options) => report(options));
}

async function report({ since, format, service, config: file, data }: Options): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { createApiClient } = await import('../app/api-client.ts');
  const config = loadConfig({ file, overrides: { data_dir: data, 'runner.service_url': service } });
  const query = new URLSearchParams({ format, ...(since && { from: since }) });
  say((await createApiClient(config).getText(`/api/agent/report?${query}`)).trimEnd());
}
