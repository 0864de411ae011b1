import { parseArgs } from 'node:util';
import { messageOf } from '../../src/domain/errors.ts';
import { type ChaosOptions, type ChaosResult, runnerChaos } from './runner-chaos.ts';

const runs: Record<string, (options: ChaosOptions) => Promise<ChaosResult>> = { runner: runnerChaos };

const usage = `npm run test:chaos -- NAME [--seed N] [--tasks N] [--kills N]

  runner  2000 tasks by 8 workers while service and runner are killed with KILL ten times each

The same seed gives the same tasks and the same plan of kills, not the same moments to the millisecond.`;

const options = {
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  tasks: { type: 'string', default: '2000' },
  kills: { type: 'string', default: '10' },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const [name = ''] = positionals;
  const run = runs[name];
  if (!run) {
    say(usage);
    return name === '' ? 0 : 1;
  }
  const seed = Number(values.seed);
  say(`seed ${seed}`);
  const began = performance.now();
  const chosen = { seed, tasks: Number(values.tasks), kills: Number(values.kills) };
  // Longer than a lease and the grace after it.
  const limits = { longestAwaySeconds: 15, withinSeconds: 1800 };
  const { problems, figures, folder } = await run({ ...chosen, ...limits, progress: say });
  for (const [what, figure] of Object.entries(figures)) say(`${String(figure).padStart(6)}  ${what}`);
  say(`${((performance.now() - began) / 1000).toFixed(0).padStart(6)}  seconds`);
  for (const problem of problems) say(`WRONG   ${problem}`);
  say(
    problems.length === 0
      ? 'all is as if nobody had been killed'
      : `${problems.length} problems; see ${folder}`,
  );
  return problems.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`chaos: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
