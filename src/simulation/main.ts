import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { alertDeclarations } from '../monitoring/alerts/registry.ts';
import { profiles } from '../monitoring/objectives.ts';
import { findServer } from '../stack/find-server.ts';
import { resultsOf } from './results.ts';
import { simulate } from './simulate.ts';

const usage = `npm run simulate -- [--days N] [--seeds A,B] [--step MINUTES] [--json] [--write]

Days of a plausible pipeline with incidents whose causes are known, before a real Prometheus: which of them the alerts
tell of, how soon, and what they tell of that never was. --write keeps the figures for docs/alerts.md.`;

const resultsFile = new URL('../monitoring/simulation-results.json', import.meta.url);

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    seeds: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

const days = Number(values.days);
const seeds = values.seeds.split(',');
const say = (line: string) => void process.stderr.write(`${line}\n`);
const server = await findServer('prometheus', { install: true, say });
if (!server.found) throw new Error(`${server.reason} Run: ${server.command}`);
const scores = [];
for (const seed of seeds) {
  say(`seed ${seed}: ${days} days`);
  const step = Number(values.step);
  scores.push(
    await simulate({
      server,
      objectives: profiles.default,
      declarations: alertDeclarations,
      seed,
      days,
      step,
      slowStep: Math.max(5, step),
      say,
    }),
  );
}
const command = `npm run simulate -- --days ${days} --seeds ${seeds.join(',')}`;
const results = resultsOf(scores, { command, days, seeds });
if (values.write) writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else {
  for (const { alert, incidents, found, messages, false_alarms, median_delay_minutes } of results.alerts) {
    const delay = median_delay_minutes === null ? '' : `  median delay ${median_delay_minutes} min`;
    process.stdout.write(
      `${alert.padEnd(30)}  found ${found} of ${incidents}  messages ${messages}, ${false_alarms} false${delay}\n`,
    );
  }
  process.stdout.write(`${results.false_alarms_per_week.toFixed(2)} false alarms a week\n`);
}
