import { Command } from 'commander';
import type { ApiClient } from '../app/api-client.ts';
import { say } from './terminal.ts';
import { durationOption } from './time-option.ts';

interface Options {
  service?: string;
  config?: string;
  data?: string;
}

const overridePath = '/api/agent/budget/override';

/** `budget` shows how they stand; `resume` and `revoke` are an admin's word on what a spent one holds back. */
export function budgetCommand(): Command {
  return reaching(new Command('budget'))
    .description('Show what was spent in the last 24 hours of which budget, and what that holds back')
    .option('--json', 'as JSON')
    .action(async (options: Options & { json?: boolean }) => {
      const { budgetStatus } = await import('../domain/budget.ts');
      const { budgetLines } = await import('./budget-lines.ts');
      const status = await (await client(options)).get('/api/agent/budget', budgetStatus);
      if (options.json) say(JSON.stringify(status));
      else for (const line of budgetLines(status)) say(line);
    })
    .addCommand(resumeCommand())
    .addCommand(revokeCommand());
}

function resumeCommand(): Command {
  return reaching(new Command('resume'))
    .description('Hand out tasks for some time, whatever is spent')
    .requiredOption('--for <time>', 'for how long: 30m, 2h, 1d; at most a week', durationOption)
    .requiredOption('--reason <text>', 'why; it is kept')
    .option('-p, --project <name>', 'only those of this project')
    .action(async ({ for: seconds, reason, project, ...options }: Options & Resume) => {
      const request = { seconds, reason, project };
      const { budgetOverride } = await import('../domain/budget.ts');
      const { overrideLine } = await import('./budget-lines.ts');
      say(overrideLine(await (await client(options)).post(overridePath, request, budgetOverride)));
    });
}

interface Resume {
  for: number;
  reason: string;
  project?: string;
}

function revokeCommand(): Command {
  return reaching(new Command('revoke'))
    .description('End before its time what `resume` began')
    .option('-p, --project <name>', 'only that of this project')
    .action(async ({ project, ...options }: Options & { project?: string }) => {
      const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`;
      const { endedOverrides } = await import('../domain/budget.ts');
      const answer = await (await client(options)).delete(`${overridePath}${query}`, endedOverrides);
      say(answer.ended === 0 ? 'There was nothing to end.' : 'Ended: budgets hold again.');
    });
}

function reaching(command: Command): Command {
  return command
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token');
}

async function client({ config, data, service }: Options): Promise<ApiClient> {
  const { loadConfig } = await import('../config.ts');
  const { createApiClient } = await import('../app/api-client.ts');
  const overrides = { data_dir: data, 'runner.service_url': service };
  return createApiClient(loadConfig({ file: config, overrides }));
}
