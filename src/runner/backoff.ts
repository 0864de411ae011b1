import { setTimeout as sleep } from 'node:timers/promises';

/** The wait before try number `tries` + 1, in milliseconds: doubled each time up to `longest`, and spread by half. */
export function backoffDelay(
  tries: number,
  options: { first: number; longest: number; random: () => number },
): number {
  const full = Math.min(options.longest, options.first * 2 ** Math.min(30, Math.max(0, tries - 1)));
  return full * (0.5 + options.random() / 2);
}

/** Waits so many milliseconds, or until the signal; never rejects. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const pause: Pause = async (milliseconds, signal) => {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    // Woken early: the caller looks at its own state.
  }
};
