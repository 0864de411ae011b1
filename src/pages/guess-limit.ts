import type { Clock } from '../domain/clock.ts';

/** How many wrong guesses one address has at once, and how long until it gets one back, in milliseconds. */
const atOnce = 10;
const oneMoreAfter = 10_000;
/** Of so many addresses is kept how often they guessed wrongly. */
const mostAddresses = 10_000;

/** Slows down who guesses tokens: ten wrong ones at once, then one in ten seconds, for each address. */
export class GuessLimit {
  readonly #clock: Clock;
  /** Until when the guesses of an address would all have come back. */
  readonly #busyUntil = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many seconds this address has to wait; 0 if it may guess now. */
  wait(address: string): number {
    const busy = (this.#busyUntil.get(address) ?? 0) - this.#clock();
    return Math.max(0, Math.ceil((busy - (atOnce - 1) * oneMoreAfter) / 1000));
  }

  countWrong(address: string): void {
    const now = this.#clock();
    const until = Math.max(now, this.#busyUntil.get(address) ?? 0) + oneMoreAfter;
    // Put last, so that the first is the one that has been silent for longest.
    this.#busyUntil.delete(address);
    this.#busyUntil.set(address, until);
    const [oldest] = this.#busyUntil.keys();
    if (this.#busyUntil.size > mostAddresses && oldest !== undefined) this.#busyUntil.delete(oldest);
  }
}
