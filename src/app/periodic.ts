import type { Logger } from 'pino';
import { AppError, messageOf } from '../domain/errors.ts';

/** Jobs that are done again and again while the service lives. A failure is logged once, and the job goes on. */
export class Periodic {
  readonly #logger: Logger;
  readonly #onInternalError: (where: string) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #failing = new Map<string, string>();

  constructor(logger: Logger, onInternalError: (where: string) => void) {
    this.#logger = logger;
    this.#onInternalError = onInternalError;
  }

  /** Does the job every so many seconds, never twice at once. */
  every(seconds: number, name: string, job: () => Promise<unknown>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      void this.attempt(name, job).finally(() => {
        busy = false;
      });
    }, seconds * 1000);
    this.#timers.push(timer.unref());
  }

  /** Does the job now; what goes wrong is told, not thrown. */
  attempt(name: string, job: () => Promise<unknown>): Promise<void> {
    const run = job()
      .then(
        () => void this.#failing.delete(name),
        (error: unknown) => this.tell(name, error),
      )
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
    return run;
  }

  /** Starts no more, and waits for those under way. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }

  /** Logs a failure, once while it stays the same, and counts it if it is ours. */
  tell(name: string, error: unknown): void {
    const message = messageOf(error);
    const known = error instanceof AppError && error.code !== 'internal';
    if (!known) this.#onInternalError(name);
    if (this.#failing.get(name) === message) return;
    this.#failing.set(name, message);
    if (known) this.#logger.warn({ job: name }, message);
    else this.#logger.error({ job: name, err: error }, message);
  }
}
