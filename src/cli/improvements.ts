import { Command, Option } from 'commander';
import type { ApiClient } from '../app/api-client.ts';
import type { Improvement } from '../domain/improvement.ts';
import { improvementStates } from '../domain/improvement-state.ts';
import { say } from './terminal.ts';

/** How much of a digest's list is shown under it. */
const listed = 5;

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
  const items = await listAll(await clientFor(options), options.state);
  if (options.json) say(JSON.stringify(items));
  else if (items.length === 0) say('No improvements.');
  else for (const line of items.flatMap(linesOf)) say(line);
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

/** Every page of the list. */
async function listAll(client: ApiClient, state: string | undefined): Promise<Improvement[]> {
  const { improvement } = await import('../domain/improvement.ts');
  const { z } = await import('zod');
  const page = z.object({ items: z.array(improvement), next_cursor: z.string().nullable() });
  const items: Improvement[] = [];
  const query = new URLSearchParams({ limit: '200', ...(state && { state }) });
  for (;;) {
    const { items: more, next_cursor } = await client.get(`/api/agent/improvements?${query}`, page);
    items.push(...more);
    if (next_cursor === null) return items;
    query.set('cursor', next_cursor);
  }
}

/** One line; a digest has what it lists below it. */
function linesOf({ id, state, title, alert, calls, held_back }: Improvement): string[] {
  const from = held_back ? `${held_back.total} held back` : alert;
  const line = `${id}  ${state.padEnd(9)}  ${title}  (${from}, ${count(calls, 'call')})`;
  if (!held_back || held_back.total === 0) return [line];
  const shown = held_back.oldest.slice(0, listed);
  const more = held_back.total - shown.length;
  return [
    line,
    ...shown.map((one) => `    ${one.title}  (${one.alert}, ${count(one.count, 'call')})`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
