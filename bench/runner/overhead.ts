import { join } from 'node:path';
import { until } from '../../test/until.ts';
import { type Distribution, distributionOf } from '../distribution.ts';
import { wallClock } from '../wall-clock.ts';
import type { AndonPair } from './andon-pair.ts';
import { spawnBare } from './bare-spawn.ts';
import { readTimes, timedCommand } from './timed-command.ts';
import { startTimingProxy } from './timing-proxy.ts';

/** How tasks are run to see what the runner adds to each. */
export interface Load {
  workers: number;
  /** How long their commands sleep, in seconds: from half to one and a half of it. */
  seconds: number;
  /** The tasks of one round. */
  tasks: number;
  /** The git repository that each has a work tree of; none if absent. */
  repo?: string;
}

/** What comes before and after the command itself, in milliseconds. */
export interface Overhead {
  /** From the claim's answer, or the call of `spawn`, to the command's first moment. */
  before: number;
  /** From the command's last moment to the acknowledged outcome, or the exit that `spawn` tells. */
  after: number;
}

export interface Round {
  andon: Overhead[];
  bare: Overhead[];
}

/** The tasks by a runner, and right after it the same commands by `spawn` alone. */
export async function measureRound(pair: AndonPair, load: Load, name: string): Promise<Round> {
  const file = join(pair.folder, `times-${name}`);
  const commandsFor = (who: string, count = load.tasks) =>
    new Map(
      Array.from({ length: count }, (_, i) => {
        const id = `${name}-${who}-${i}`;
        return [id, timedCommand(id, { seconds: secondsOf(load, i), file })];
      }),
    );
  const andon = await runByAndon(pair, load, {
    first: commandsFor('first', 2 * load.workers),
    measured: commandsFor('andon'),
  });
  const clock = wallClock();
  const bare = await spawnBare(commandsFor('bare'), { atOnce: load.workers, clock });
  const own = readTimes(file);
  const overheads = (times: Map<string, { from: number; to: number }>): Overhead[] =>
    [...times].map(([id, { from, to }]) => {
      const { began, ended } = own.get(id) ?? { began: Number.NaN, ended: Number.NaN };
      return { before: (began - from) * 1000, after: (to - ended) * 1000 };
    });
  return {
    andon: overheads(andon),
    bare: overheads(new Map([...bare].map(([id, { called, exited }]) => [id, { from: called, to: exited }]))),
  };
}

/** From the claim's answer to the acknowledged outcome; `first` is run before, while the runner is still cold. */
async function runByAndon(
  pair: AndonPair,
  { workers, repo }: Load,
  { first, measured }: { first: Map<string, string>; measured: Map<string, string> },
): Promise<Map<string, { from: number; to: number }>> {
  const proxy = await startTimingProxy(pair.serviceUrl, wallClock());
  try {
    await pair.queue([...first, ...measured].map(([id, command]) => ({ id, command, repo })));
    const runner = await pair.startRunner({ workers, serviceUrl: proxy.url });
    const count = first.size + measured.size;
    const acknowledged = async () => [...proxy.times.values()].filter((times) => times.acknowledged).length;
    await until(acknowledged, (so) => so === count, { seconds: 300, what: `${count} acknowledged outcomes` });
    await runner.terminate();
    await pair.completed();
  } finally {
    await proxy.close();
  }
  return new Map(
    [...measured.keys()].map((id) => {
      const { claimed = Number.NaN, acknowledged = Number.NaN } = proxy.times.get(id) ?? {};
      return [id, { from: claimed, to: acknowledged }];
    }),
  );
}

/** Spread evenly, and the same each time, so that tasks neither begin nor end in step. */
function secondsOf({ seconds }: Load, index: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  return seconds * (0.5 + ((index * golden) % 1));
}

export function summarize(overheads: readonly Overhead[]): Record<'before' | 'after' | 'both', Distribution> {
  return {
    before: distributionOf(overheads.map(({ before }) => before)),
    after: distributionOf(overheads.map(({ after }) => after)),
    both: distributionOf(overheads.map(({ before, after }) => before + after)),
  };
}
