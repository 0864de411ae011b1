interface Entry<T> {
  value: T;
  version: string;
  weight: number;
}

/** Keeps what was used last, up to a weight; an entry is good only for the version that it was made of. */
export class WeightedCache<T> {
  readonly #most: number;
  readonly #entries = new Map<string, Entry<T>>();
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, version: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry?.version !== version) return undefined;
    // A map keeps the order in which keys came: the first is the one that was used longest ago.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** What alone is heavier than all may be is not kept. */
  set(key: string, version: string, value: T, weight: number): void {
    this.#drop(key);
    if (weight > this.#most) return;
    this.#entries.set(key, { value, version, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#most) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }
}
