import { parseArgs } from 'node:util';
import { messageOf } from '../src/domain/errors.ts';
import { thisMachine } from './machine.ts';
import { benches } from './registry.ts';
import { type Report, showBenches, showReport } from './show.ts';

const usage = `npm run bench -- NAME [--json] [--quick]

${showBenches(benches)}

--json   one JSON object on stdout, with every figure
--quick  a small round: to see that it runs, not to learn from its figures`;

function readArguments() {
  const options = { json: { type: 'boolean' }, quick: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new Error(`one bench at a time, not ${positionals.join(', ')}`);
  return { name, json: values.json ?? false, quick: values.quick ?? false };
}

async function run(name: string, { json, quick }: { json: boolean; quick: boolean }): Promise<void> {
  const bench = benches.find((one) => one.name === name);
  if (!bench) throw new Error(`there is no bench ${name}; there are:\n${showBenches(benches)}`);
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  const measured = await bench.run({ quick, progress });
  const report: Report = {
    bench: name,
    command: `npm run bench -- ${name}${quick ? ' --quick' : ''}`,
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
