import { Command } from 'commander';
import { z } from 'zod';
import { createApiClient } from '../app/api-client.ts';
import { loadConfig } from '../config.ts';
import {
  type BudgetOverride,
  type BudgetState,
  type BudgetStatus,
  budgetOverride,
  budgetStatus,
  untilText,
  usdText,
} from '../domain/budget.ts';
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
      const status = await client(options).get('/api/agent/budget', budgetStatus);
      if (options.json) say(JSON.stringify(status));
      else for (const line of lines(status)) say(line);
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
      say(overrideLine(await client(options).post(overridePath, request, budgetOverride)));
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
      const ended = z.object({ ended: z.int() });
      const answer = await client(options).delete(`${overridePath}${query}`, ended);
      say(answer.ended === 0 ? 'There was nothing to end.' : 'Ended: budgets hold again.');
    });
}

function reaching(command: Command): Command {
  return command
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token');
}

function client({ config, data, service }: Options) {
  const overrides = { data_dir: data, 'runner.service_url': service };
  return createApiClient(loadConfig({ file: config, overrides }));
}

function lines(status: BudgetStatus): string[] {
  const { budgets, overrides } = status;
  if (budgets.length === 0) return ['No budget is set (budget.daily_usd, budget.projects).'];
  const rows = [
    ['budget', 'spent in 24 h', 'limit', 'unpriced', 'state'],
    ...budgets.map((state) => [
      state.project ?? '(all together)',
      `$${state.spent_usd.toFixed(4)}`,
      usdText(state.limit_usd),
      `${state.unpriced_attempts}`,
      stateText(state, status),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = rows.map(([name = '', ...cells]) => {
    const state = cells.pop() ?? '';
    const figures = cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
    return [name.padEnd(widths[0] ?? 0), ...figures, state].join('  ');
  });
  return [...padded, ...overrides.map(overrideLine)];
}

function stateText(state: BudgetState, { at, throttle }: BudgetStatus): string {
  if (!state.exceeded) return 'within';
  if (state.throttled) {
    const until =
      state.resumes_at === undefined ? '' : ` until ${untilText(state.resumes_at, Date.parse(at))}`;
    return `spent: only critical tasks${until}`;
  }
  return throttle ? 'spent: tasks go on by override' : 'spent: budget.throttle is off';
}

function overrideLine({ project, until, by, reason }: BudgetOverride): string {
  const whose = project === undefined ? 'Tasks' : `Tasks of project ${project}`;
  return `${whose} are handed out until ${until}, whatever is spent (${by}: ${reason})`;
}
