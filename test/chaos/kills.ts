import { setTimeout as sleep } from 'node:timers/promises';
import type { Killable } from './killable.ts';
import type { Random } from './random.ts';

/** One kill: so many milliseconds after so many attempts have begun; what was killed is away for a while. */
interface Kill {
  afterBegun: number;
  delayMs: number;
  downMs: number;
}

/**
 * Moments anywhere in the run. One in three comes so soon after the one before it that it hits the start, and what is
 * seen to then. Most are away for a moment only, some nearly as long as they may.
 */
export function planKills(
  count: number,
  { tasks, longestAwaySeconds, random }: { tasks: number; longestAwaySeconds: number; random: Random },
): Kill[] {
  const moments = Array.from({ length: count }, () => random() * 0.9 * tasks).sort((a, b) => a - b);
  return moments.map((moment, index) => {
    const soon = index > 0 && random() < 1 / 3;
    return {
      afterBegun: soon ? 0 : Math.ceil(moment),
      delayMs: random() * (soon ? 1500 : 300),
      downMs: random() ** 3 * longestAwaySeconds * 1000,
    };
  });
}

/** Kills as planned, and resolves when it is started again after the last. Stops early at the signal. */
export async function killAsPlanned(
  killed: Killable,
  plan: readonly Kill[],
  { begun, signal }: { begun: () => number; signal: AbortSignal },
): Promise<void> {
  for (const { afterBegun, delayMs, downMs } of plan) {
    while (begun() < afterBegun && !signal.aborted) await sleep(20);
    await sleep(delayMs);
    if (signal.aborted) return;
    await killed.kill(downMs);
  }
}
