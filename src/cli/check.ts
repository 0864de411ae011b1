import { Command } from 'commander';

export interface CheckOptions {
  prometheus?: string;
  alertmanager?: string;
  service?: string;
  config?: string;
  data?: string;
  json?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Say whether a running Prometheus and Alertmanager have Andon’s rules and reach the service')
    .option('--prometheus <url>', 'where Prometheus is')
    .option('--alertmanager <url>', 'where Alertmanager is')
    .option('--service <url>', 'where the service is')
    .option('--json', 'as JSON')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token')
    .action(async (options: CheckOptions) => {
      const { checkStack } = await import('./check-stack.ts');
      await checkStack(options);
    });
}
