import { AppError } from '../../domain/errors.ts';
import type { SqliteDatabase, Step } from './database.ts';

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** How long the first of a group waits for others, in milliseconds: about what a commit takes. */
const gatherFor = 5;

/**
 * Writes that come at the same time, in one transaction: waiting for the disk is what a small write costs. Each
 * promise resolves when its own write is on disk, as if it had been alone.
 */
export class GroupCommit<T> {
  readonly #db: SqliteDatabase;
  readonly #write: (step: Step, item: T) => void;
  #waiting: Waiting<T>[] = [];

  constructor(db: SqliteDatabase, write: (step: Step, item: T) => void) {
    this.#db = db;
    this.#write = write;
  }

  add(item: T): Promise<void> {
    if (this.#waiting.length === 0) setTimeout(() => void this.#flush(), gatherFor);
    return new Promise((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
  }

  async #flush(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      await this.#commit(group);
    } catch (error) {
      // One that cannot be written must not take the others with it.
      if (group.length === 1 || error instanceof AppError) for (const { reject } of group) reject(error);
      else await Promise.all(group.map((one) => this.#commit([one]).catch(one.reject)));
    }
  }

  async #commit(group: Waiting<T>[]): Promise<void> {
    await this.#db.write((step) => {
      for (const { item } of group) this.#write(step, item);
    });
    for (const { resolve } of group) resolve();
  }
}
