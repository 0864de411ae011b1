import { Command, Option } from 'commander';
import { z } from 'zod';
import { createApiClient } from '../app/api-client.ts';
import { loadConfig } from '../config.ts';
import { type Improvement, improvement, improvementStates } from '../domain/improvement.ts';
import { say } from './terminal.ts';

const page = z.object({ items: z.array(improvement) });

interface Options {
  config?: string;
  data?: string;
}

/** `improvements`, `approve` and `reject`: a person's side of the loop. */
export function improvementCommands(): Command[] {
  const client = ({ config, data }: Options) =>
    createApiClient(loadConfig({ file: config, overrides: { data_dir: data } }));
  return [
    command('improvements', 'List proposals and what became of them')
      .addOption(new Option('--state <state>', 'only those in this state').choices(improvementStates))
      .option('--json', 'as JSON')
      .action(async (options: Options & { state?: string; json?: boolean }) => {
        const query = options.state ? `?state=${encodeURIComponent(options.state)}` : '';
        const { items } = await client(options).get(`/api/agent/improvements${query}`, page);
        if (options.json) say(JSON.stringify(items));
        else if (items.length === 0) say('No improvements.');
        else for (const item of items) say(lineOf(item));
      }),
    command('approve', 'Approve a proposal: its task is made')
      .argument('<id>', 'as `improvements` lists it')
      .action(async (id: string, options: Options) => {
        const answer = await client(options).post(path(id, 'approve'), {}, improvement);
        say(`${answer.title}: scheduled as task ${answer.task_id}`);
      }),
    command('reject', 'Reject a proposal: the same is not proposed again until there is twice the evidence')
      .argument('<id>', 'as `improvements` lists it')
      .option('--reason <text>', 'why')
      .action(async (id: string, options: Options & { reason?: string }) => {
        const { title } = await client(options).post(
          path(id, 'reject'),
          { reason: options.reason },
          improvement,
        );
        say(`${title}: rejected`);
      }),
  ];
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token');
}

function path(id: string, verb: 'approve' | 'reject'): string {
  return `/api/agent/improvements/${encodeURIComponent(id)}/${verb}`;
}

function lineOf({ id, state, title, alert, calls }: Improvement): string {
  return `${id}  ${state.padEnd(9)}  ${title}  (${alert}, ${calls} ${calls === 1 ? 'call' : 'calls'})`;
}
