/** Times in seconds. */
export interface Holds {
  /** How long the expression must hold before it fires. */
  for: number;
  /** How long it fires on afterwards. */
  keepFiringFor: number;
}

/** One alert of one label set, from evaluation to evaluation, as Prometheus has it. */
export class AlertState {
  readonly #holds: Holds;
  #activeSince?: number;
  #keptSince?: number;
  #firing = false;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  get firing(): boolean {
    return this.#firing;
  }

  /** The next evaluation: whether the expression holds then. Answers whether the alert fires. */
  evaluate(at: number, holds: boolean): boolean {
    if (holds) this.#hold(at);
    else this.#lapse(at);
    return this.#firing;
  }

  #hold(at: number): void {
    this.#keptSince = undefined;
    this.#activeSince ??= at;
    if (at - this.#activeSince >= this.#holds.for) this.#firing = true;
  }

  #lapse(at: number): void {
    if (this.#firing && this.#holds.keepFiringFor > 0) {
      this.#keptSince ??= at;
      if (at - this.#keptSince < this.#holds.keepFiringFor) return;
    }
    this.#firing = false;
    this.#activeSince = undefined;
    this.#keptSince = undefined;
  }
}
