import { Argument, Command } from 'commander';
import { verdicts } from '../domain/verdict.ts';
import { say } from './terminal.ts';

interface Options {
  config?: string;
  data?: string;
  service?: string;
  pullRequest?: string;
}

export function verdictCommand(): Command {
  return new Command('verdict')
    .description('Say what became of a task’s work, or a run’s')
    .argument('<task>', 'the id of a completed task, or of a run (andon exec, andon ingest)')
    .addArgument(new Argument('<verdict>', 'what became of it').choices(verdicts))
    .option('--pull-request <url>', 'where that was decided')
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token')
    .action(async (id: string, verdict: string, options: Options) => judge(id, verdict, options));
}

async function judge(id: string, verdict: string, options: Options): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { createReportClient } = await import('../app/api-client.ts');
  const { judgedRun } = await import('../domain/judged-run.ts');
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'runner.service_url': options.service },
  });
  const path = `/api/agent/tasks/${encodeURIComponent(id)}/verdict`;
  const body = { verdict, pull_request: options.pullRequest };
  const judged = judgedRun.pick({ pull_request: true });
  const { pull_request } = await createReportClient(config).post(path, body, judged);
  say(`${id}  ${verdict}${pull_request ? `  ${pull_request}` : ''}`);
}
