import { type Distribution, distributionOf } from '../distribution.ts';
import { forgetPeak, peakMegabytes } from '../process-usage.ts';
import type { AndonPair } from './andon-pair.ts';

/**
 * The most memory that a runner holds while an agent streams so many MB at it, in MB, by size. A fresh runner each
 * time, which has run one small task before.
 */
export async function measureMemory(
  pair: AndonPair,
  { sizes, rounds }: { sizes: readonly number[]; rounds: number },
): Promise<Map<number, Distribution>> {
  const peaks = new Map<number, number[]>(sizes.map((size) => [size, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [size, values] of peaks) values.push(await peakWith(pair, size, `mb${size}-${round}`));
  }
  return new Map([...peaks].map(([size, values]) => [size, distributionOf(values)]));
}

async function peakWith(pair: AndonPair, megabytes: number, name: string): Promise<number> {
  const runner = await pair.startRunner({ workers: 1 });
  await pair.queue([{ id: `${name}-first`, megabytes: 1 }]);
  await pair.completed();
  forgetPeak(runner.pid);
  await pair.queue([{ id: name, megabytes }]);
  await pair.completed();
  const peak = peakMegabytes(runner.pid);
  await runner.terminate();
  return peak;
}
