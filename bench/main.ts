import { parseArgs } from 'node:util';
import { messageOf } from '../src/domain/errors.ts';
import type { BenchOptions } from './bench.ts';
import { thisMachine } from './machine.ts';
import { benches } from './registry.ts';
import { type Report, showBenches, showReport } from './show.ts';

const usage = `npm run bench -- NAME [--json] [--quick] [--long]

${showBenches(benches)}

--json   one JSON object on stdout, with every figure
--quick  a small round: to see that it runs, not to learn from its figures
--long   the sizes that take an hour and more, too`;

function readArguments() {
  const options = {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new Error(`one bench at a time, not ${positionals.join(', ')}`);
  const { json = false, quick = false, long = false } = values;
  return { name, json, quick, long };
}

async function run(name: string, { json, ...size }: Omit<BenchOptions, 'progress'> & { json: boolean }) {
  const bench = benches.find((one) => one.name === name);
  if (!bench) throw new Error(`there is no bench ${name}; there are:\n${showBenches(benches)}`);
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  const measured = await bench.run({ ...size, progress });
  const report: Report = {
    bench: name,
    command: `npm run bench -- ${name}${size.quick ? ' --quick' : ''}${size.long ? ' --long' : ''}`,
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    ...measured,
  };
  process.stdout.write(`${json ? JSON.stringify(report) : showReport(report)}\n`);
}

try {
  const { name, ...options } = readArguments();
  if (name === undefined) process.stdout.write(`${usage}\n`);
  else await run(name, options);
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
