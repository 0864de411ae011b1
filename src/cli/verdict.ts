import { Argument, Command } from 'commander';
import { createReportClient } from '../app/api-client.ts';
import { loadConfig } from '../config.ts';
import { judgedRun } from '../domain/judged-run.ts';
import { verdicts } from '../domain/verdict.ts';
import { say } from './terminal.ts';

/** What is said of either, a task or a run. */
const judged = judgedRun.pick({ id: true, pull_request: true });

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
    .action(async (id: string, verdict: string, options: Options) => {
      const config = loadConfig({
        file: options.config,
        overrides: { data_dir: options.data, 'runner.service_url': options.service },
      });
      const path = `/api/agent/tasks/${encodeURIComponent(id)}/verdict`;
      const body = { verdict, pull_request: options.pullRequest };
      const { pull_request } = await createReportClient(config).post(path, body, judged);
      say(`${id}  ${verdict}${pull_request ? `  ${pull_request}` : ''}`);
    });
}
