import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../process-usage.ts';
import type { AndonPair } from './andon-pair.ts';

/** How much of one core a runner without tasks uses, in percent. */
export async function measureIdleCpu(pair: AndonPair, seconds: number): Promise<number> {
  const runner = await pair.startRunner({ workers: 8 });
  // What belongs to the start is over by then.
  await sleep(Math.min(2, seconds) * 1000);
  const [before, from] = [cpuSeconds(runner.pid), performance.now()];
  await sleep(seconds * 1000);
  const used = cpuSeconds(runner.pid) - before;
  const passed = (performance.now() - from) / 1000;
  await runner.terminate();
  return (100 * used) / passed;
}
