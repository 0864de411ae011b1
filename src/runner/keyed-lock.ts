/** Lets one step at a time run for each key, in the order asked. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Answers, or throws, what the step does. */
  async run<T>(key: string, step: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before ? before.then(step, step) : step();
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
