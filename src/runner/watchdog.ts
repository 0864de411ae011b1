import type { OutputProgress } from '../executors/executor.ts';

/** How long a run may be silent, in seconds, and how much it may use. */
export interface WatchLimits {
  /** Until its first output. */
  firstByteSeconds: number;
  /** Between two pieces of output. */
  stallSeconds: number;
  /** From its final result until it has ended. */
  afterResultSeconds: number;
  maxCostUsd?: number;
  maxTurns?: number;
}

/** What a watchdog ends a run for. `lingering` is no failure: the result stands as it was. */
export type WatchReason = 'no_first_byte' | 'stalled' | 'budget' | 'lingering';

export interface Watchdog {
  /** Output has come; `progress` is what the run has come to with it. */
  output(progress: OutputProgress): void;
  stop(): void;
}

/**
 * Watches a run whose output streams, and calls `bite` at most once. The silence of one that does not stream says
 * nothing: only what comes after its result is watched.
 */
export function startWatchdog(options: {
  limits: WatchLimits;
  streams: boolean;
  bite: (reason: WatchReason) => void;
}): Watchdog {
  const { limits, streams } = options;
  let timer: NodeJS.Timeout | undefined;
  let final = false;
  let over = false;
  const bite = (reason: WatchReason) => {
    if (over) return;
    stop();
    options.bite(reason);
  };
  const wait = (seconds: number, reason: WatchReason) => {
    clearTimeout(timer);
    timer = setTimeout(() => bite(reason), Math.min(longestTimer, seconds * 1000));
  };
  const stop = () => {
    over = true;
    clearTimeout(timer);
  };
  if (streams) wait(limits.firstByteSeconds, 'no_first_byte');
  return {
    stop,
    output(progress) {
      if (over) return;
      if (!progress.final && exceeds(progress, limits)) bite('budget');
      else if (progress.final && !final) wait(limits.afterResultSeconds, 'lingering');
      else if (!progress.final && streams) wait(limits.stallSeconds, 'stalled');
      else if (!progress.final) clearTimeout(timer);
      final = progress.final;
    },
  };
}

/** What a timer of Node takes at most; a longer one would end at once. */
const longestTimer = 2 ** 31 - 1;

function exceeds({ cost_usd, turns }: OutputProgress, { maxCostUsd, maxTurns }: WatchLimits): boolean {
  if (maxCostUsd !== undefined && cost_usd !== undefined && cost_usd > maxCostUsd) return true;
  return maxTurns !== undefined && turns !== undefined && turns > maxTurns;
}
