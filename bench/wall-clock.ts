/** Seconds since the epoch to the microsecond, as other processes of this machine read them. */
export type WallClock = () => number;

/** `Date.now` tells milliseconds only: this waits for one to begin, and counts on from there. */
export function wallClock(): WallClock {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  const offset = now - performance.now();
  return () => (offset + performance.now()) / 1000;
}
