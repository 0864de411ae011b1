import { Command, Option } from 'commander';
import type { Improvement } from '../domain/improvement.ts';
import { improvementStates } from '../domain/improvement-state.ts';
import { say } from './terminal.ts';

interface Options {
  config?: string;
  data?: string;
}

interface ListOptions extends Options {
  state?: string;
  json?: boolean;
}

/** `improvements`, `approve` and `reject`: a person's side of the loop. */
export function improvementCommands(): Command[] {
  return [
    command('improvements', 'List proposals and what became of them')
      .addOption(new Option('--state <state>', 'only those in this state').choices(improvementStates))
      .option('--json', 'as JSON')
      .action(async (options: ListOptions) => list(options)),
    command('approve', 'Approve a proposal: its task is made')
      .argument('<id>', 'as `improvements` lists it')
      .action(async (id: string, options: Options) => {
        const { title, task_id } = await decide(id, 'approve', {}, options);
        say(`${title}: scheduled as task ${task_id}`);
      }),
    command('reject', 'Reject a proposal: the same is not proposed again until there is twice the evidence')
      .argument('<id>', 'as `improvements` lists it')
      .option('--reason <text>', 'why')
      .action(async (id: string, options: Options & { reason?: string }) => {
        const { title } = await decide(id, 'reject', { reason: options.reason }, options);
        say(`${title}: rejected`);
      }),
  ];
}

async function list(options: ListOptions): Promise<void> {
  const { improvement } = await import('../domain/improvement.ts');
  const { z } = await import('zod');
  const query = options.state ? `?state=${encodeURIComponent(options.state)}` : '';
  const page = z.object({ items: z.array(improvement) });
  const client = await clientFor(options);
  const { items } = await client.get(`/api/agent/improvements${query}`, page);
  if (options.json) say(JSON.stringify(items));
  else if (items.length === 0) say('No improvements.');
  else for (const item of items) say(lineOf(item));
}

async function decide(
  id: string,
  verb: 'approve' | 'reject',
  body: { reason?: string },
  options: Options,
): Promise<Improvement> {
  const { improvement } = await import('../domain/improvement.ts');
  const client = await clientFor(options);
  return client.post(`/api/agent/improvements/${encodeURIComponent(id)}/${verb}`, body, improvement);
}

async function clientFor({ config, data }: Options) {
  const { loadConfig } = await import('../config.ts');
  const { createApiClient } = await import('../app/api-client.ts');
  return createApiClient(loadConfig({ file: config, overrides: { data_dir: data } }));
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token');
}

function lineOf({ id, state, title, alert, calls }: Improvement): string {
  return `${id}  ${state.padEnd(9)}  ${title}  (${alert}, ${calls} ${calls === 1 ? 'call' : 'calls'})`;
}
