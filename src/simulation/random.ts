/** Numbers that look random, and are the same for the same seed. */
export interface Random {
  /** At least 0 and less than 1. */
  uniform(): number;
  between(low: number, high: number): number;
  /** A whole number, both ends included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  poisson(mean: number): number;
  exponential(mean: number): number;
  /** Half of them are less than `median`; `spread` is the standard deviation of their logarithms. */
  lognormal(median: number, spread: number): number;
  /** Numbers of its own, which stay the same however many are taken elsewhere. */
  fork(name: string): Random;
}

export function seededRandom(seed: string): Random {
  const uniform = generator(hash(seed));
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const between = (low: number, high: number) => low + (high - low) * uniform();
  return {
    uniform,
    between,
    integer: (low, high) => Math.floor(between(low, high + 1)),
    chance: (probability) => uniform() < probability,
    pick: (items) => {
      const item = items[Math.floor(uniform() * items.length)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    poisson: (mean) => poisson(mean, uniform),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    lognormal: (median, spread) => median * Math.exp(spread * normal()),
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
}

/** FNV-1a over the UTF-16 code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** mulberry32: 32 bits of state are enough for what nobody attacks. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Knuth's: for the small means of a minute. */
function poisson(mean: number, uniform: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count += 1;
  return count;
}
