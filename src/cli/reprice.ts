import { Command } from 'commander';
import type { RepriceResult } from '../pricing/reprice.ts';
import { textTable } from '../reports/text-table.ts';
import { say } from './terminal.ts';
import { sinceOption } from './time-option.ts';

interface Options {
  since: string;
  apply?: boolean;
  json?: boolean;
  service?: string;
  config?: string;
  data?: string;
}

export function repriceCommand(): Command {
  return new Command('reprice')
    .description('Price recorded runs again by the prices known now; costs that a CLI reported stay')
    .requiredOption('--since <time>', 'from when on: a date, a time, or how long ago (30d)', sinceOption)
    .option('--apply', 'store the new costs; without it they are only shown')
    .option('--json', 'as JSON')
    .option('--service <url>', 'where the service is')
    .option('-c, --config <file>', 'settings; andon.yaml in this folder if it is there')
    .option('--data <folder>', 'the data folder of the service, for its admin token')
    .action(async (options: Options) => reprice(options));
}

async function reprice(options: Options): Promise<void> {
  const { loadConfig } = await import('../config.ts');
  const { createApiClient } = await import('../app/api-client.ts');
  const { repriceAll } = await import('./reprice-pages.ts');
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'runner.service_url': options.service },
  });
  const request = { since: options.since, dry_run: !options.apply };
  const result = await repriceAll(createApiClient(config), request, showProgress);
  const { next_cursor: _, ...whole } = result;
  if (options.json) say(JSON.stringify(whole));
  else for (const line of table(result, options)) say(line);
}

type Figures = RepriceResult['by_model'][string];

function table(result: RepriceResult, { since, apply }: Options): string[] {
  const rows = [
    ['model', 'runs', 'changed', 'before', 'after', 'unpriced'],
    ...Object.entries(result.by_model).map(([model, figures]) => cells(model, figures)),
    cells('all', result),
  ];
  return [
    `Runs since ${since}`,
    ...textTable(rows),
    apply ? 'Stored. Exported counters do not move.' : 'Nothing was stored: --apply does it.',
  ];
}

function cells(name: string, figures: Figures): string[] {
  const { examined, changed, before_usd, after_usd, unpriced_before, unpriced_after } = figures;
  const unpriced =
    unpriced_before === unpriced_after ? `${unpriced_after}` : `${unpriced_before} → ${unpriced_after}`;
  return [name, `${examined}`, `${changed}`, usd(before_usd), usd(after_usd), unpriced];
}

/** What nobody knows is not $0. */
function usd(amount: number | null): string {
  return amount === null ? '-' : `$${amount.toFixed(4)}`;
}

/** One line that is written over, for a person who waits. */
function showProgress(examined: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${examined} runs gone over\r`);
}
