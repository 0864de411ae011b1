import { scratchRepository } from '../../test/scratch-repository.ts';
import type { Bench, BenchOptions, Goal, Measured, Table } from '../bench.ts';
import { under } from '../bench.ts';
import { type AndonPair, startAndonPair } from './andon-pair.ts';
import { measureIdleCpu } from './idle-cpu.ts';
import { type Load, measureRound, type Overhead, type Round, summarize } from './overhead.ts';
import { measureMemory } from './streaming-memory.ts';

export const runnerBench: Bench = {
  name: 'runner',
  summary: 'what the runner adds to a task, beside child_process.spawn of the same command; idle CPU; memory',
  async run(options) {
    const pair = await startAndonPair();
    try {
      const parts = [
        await overheadPart(pair, options),
        await idlePart(pair, options),
        await memoryPart(pair, options),
      ];
      return { tables: parts.flatMap(({ tables }) => tables), goals: parts.flatMap(({ goals }) => goals) };
    } finally {
      await pair.close();
    }
  },
};

interface NamedLoad extends Load {
  name: string;
  /** Under which the median of what the runner adds is to stay, in milliseconds. */
  goal?: number;
}

async function overheadPart(pair: AndonPair, { quick, progress }: BenchOptions): Promise<Measured> {
  const repo = scratchRepository(pair.folder, 100);
  const loads: NamedLoad[] = [
    { name: '1 worker', workers: 1, seconds: 0.1, tasks: quick ? 5 : 50, goal: 15 },
    { name: '8 workers', workers: 8, seconds: quick ? 0.1 : 1, tasks: quick ? 8 : 64, goal: 15 },
    { name: '1 worker, with a work tree', workers: 1, seconds: 0.1, tasks: 25, repo },
  ];
  const measured = quick ? loads.slice(0, 2) : loads;
  const rounds = new Map<NamedLoad, Round[]>(measured.map((load) => [load, []]));
  for (let round = 1; round <= (quick ? 1 : 3); round += 1) {
    for (const [load, done] of rounds) {
      progress(`overhead: ${load.name}, round ${round}`);
      done.push(await measureRound(pair, load, `${load.workers}${load.repo ? 'tree' : ''}-${round}`));
    }
  }
  const results = [...rounds].map(([load, done]) => ({ load, ...overheadRows(load, done) }));
  return {
    tables: [overheadTable(results.flatMap(({ rows }) => rows))],
    goals: results.flatMap(({ load, added }) =>
      load.goal === undefined ? [] : [under(`added to a task, ${load.name}, median`, load.goal, added, 'ms')],
    ),
  };
}

function overheadRows(load: NamedLoad, rounds: Round[]) {
  const all = (pick: (round: Round) => Overhead[]) => summarize(rounds.flatMap(pick));
  const [andon, bare] = [all((round) => round.andon), all((round) => round.bare)];
  const added = andon.both.median - bare.both.median;
  const row = (who: string, { before, after, both }: typeof andon, more: { added: number | string }) => ({
    load: load.name,
    'started by': who,
    tasks: both.count,
    'before it': before,
    'after it': after,
    both,
    ratio: both.median / bare.both.median,
    ...more,
  });
  return { added, rows: [row('spawn', bare, { added: '' }), row('runner', andon, { added })] };
}

function overheadTable(rows: Table['rows']): Table {
  return {
    title: 'Time around the command itself, in ms: median (10 % to 90 %)',
    rows,
    notes: [
      'Before: from the claim’s answer, or the call of spawn, to the command’s first moment. After: from its last moment',
      'to the acknowledged outcome, which is on disk twice by then, or to the exit that spawn tells. Ratio and added are',
      'of the medians of both.',
    ],
  };
}

async function idlePart(pair: AndonPair, { quick, progress }: BenchOptions): Promise<Measured> {
  const seconds = quick ? 1 : 30;
  progress(`idle CPU: ${seconds} s`);
  const percent = await measureIdleCpu(pair, seconds);
  const rows = [{ 'for so many seconds': seconds, 'percent of a core': percent }];
  return { tables: [{ title: 'CPU of a runner that has nothing to do', rows }], goals: [] };
}

/** MB more than with the least output that still are flat. */
const flat = 15;

async function memoryPart(pair: AndonPair, { quick, progress }: BenchOptions): Promise<Measured> {
  const sizes = quick ? [1, 5] : [1, 50, 200];
  progress(`memory: ${sizes.join(', ')} MB of output`);
  const peaks = await measureMemory(pair, { sizes, rounds: quick ? 1 : 5 });
  const least = peaks.get(1)?.median ?? Number.NaN;
  const rows = [...peaks].map(([size, peak]) => ({
    'MB of output': size,
    'peak of resident memory': peak,
    'more than with 1 MB': peak.median - least,
  }));
  const growth = (peaks.get(50)?.median ?? Number.NaN) - least;
  const goals: Goal[] = quick
    ? []
    : [under('memory with 50 MB of output over that with 1 MB', flat, growth, 'MB')];
  const title = 'Memory of the runner while an agent streams, in MB: median (10 % to 90 %)';
  return { tables: [{ title, rows }], goals };
}
