/** Numbers from 0 to under 1. */
export type Random = () => number;

/** The same numbers for the same seed: mulberry32, by Tommy Ettinger. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same items in another order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let left = result.length; left > 1; left -= 1) {
    const [last] = result.splice(Math.floor(random() * left), 1);
    if (last !== undefined) result.push(last);
  }
  return result;
}
