import { Command, InvalidArgumentError, Option } from 'commander';
import type { RunOptions } from './run-simulation.ts';

/** All samples are one block of Prometheus's, which is made for a little more than a month. */
const mostDays = 31;
const mostMinutes = 60;

export function simulateCommand(): Command {
  return new Command('simulate')
    .usage('[options]   (as npm run simulate -- [options])')
    .description(
      'Days of a plausible pipeline with incidents whose causes are known, before a real Prometheus: which of them ' +
        'the alerts tell of, how soon, and what they tell of that never was. A month takes about a minute. ' +
        'The exit code is 1 if an incident was missed or there is more than one false alarm a week.',
    )
    .option('--days <number>', `how long, at most ${mostDays}`, whole(1, mostDays), 30)
    .addOption(
      new Option('--seeds <list>', 'what makes one month differ from another: 1,2,…')
        .argParser(seedsOption)
        .default(['1'], '1'),
    )
    .option('--step <minutes>', 'between two evaluations of an alert', whole(1, mostMinutes), 1)
    .option('--json', 'the figures as JSON')
    .option('--write', 'keep the figures for docs/alerts.md, which npm run generate writes')
    .helpOption('-h, --help', 'show this')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'simulate: ')) })
    .exitOverride()
    .action(async (options: RunOptions) => {
      const { runSimulation } = await import('./run-simulation.ts');
      await runSimulation(options);
    });
}

/** Reads a whole number between two others. */
function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It is no whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function seedsOption(text: string): string[] {
  const seeds = text.split(',');
  if (seeds.some((seed) => !/^[\w-]+$/.test(seed))) {
    throw new InvalidArgumentError('They are words or numbers with commas between them, such as 1,2,3.');
  }
  const again = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (again !== undefined) throw new InvalidArgumentError(`${again} is there twice.`);
  return seeds;
}
