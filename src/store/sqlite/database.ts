import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import type { Clock } from '../../domain/clock.ts';
import { AppError, messageOf } from '../../domain/errors.ts';
import { taskLabels } from '../../domain/task-outcome.ts';
import { migrate, type Upgrade } from './migrate.ts';
import { type Row, text } from './row.ts';
import { Steps } from './steps.ts';

export type Params = Record<string, SQLInputValue | undefined>;

/** One open connection, inside a step: SQL in, rows out. */
export interface Step {
  /** Now, in milliseconds: one instant for the whole step. */
  readonly now: number;
  all(sql: string, params?: Params): Row[];
  get(sql: string, params?: Params): Row | undefined;
  run(sql: string, params?: Params): number;
  /** What the step gathers for its end: one of each class, made when it is first asked for. */
  gather<T extends Gathered>(kind: new (step: Step) => T): T;
  /** What is kept from step to step while the file is open: one of each class, made when it is first asked for. */
  keep<T>(kind: new () => T): T;
}

/** Done at the end of a step, before it is committed. */
export interface Gathered {
  finish(): void;
}

/**
 * The one file. `write` is a transaction that is on disk when its promise resolves; `read` sees one state.
 * What SQLite cannot do now (open, write, lock) becomes AppError `unavailable`, and nothing was done.
 */
export class SqliteDatabase {
  readonly path: string;
  readonly #clock: Clock;
  readonly #onUpgrade: (upgrade: Upgrade) => void;
  #connection: DatabaseSync | undefined;
  #inode: number | undefined;
  readonly #steps = new Steps(() => this.#open());

  constructor(path: string, clock: Clock, onUpgrade: (upgrade: Upgrade) => void = () => {}) {
    this.path = path;
    this.#clock = clock;
    this.#onUpgrade = onUpgrade;
  }

  async write<T>(step: (step: Step) => T): Promise<T> {
    this.#requireSameFile();
    return this.#transaction('BEGIN IMMEDIATE', step);
  }

  async read<T>(step: (step: Step) => T): Promise<T> {
    return this.#transaction('BEGIN', step);
  }

  close(): void {
    this.#steps.forget();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #transaction<T>(begin: string, step: (step: Step) => T): T {
    const connection = this.#open();
    try {
      connection.exec(begin);
      const result = this.#steps.run(this.#clock(), step);
      connection.exec('COMMIT');
      return result;
    } catch (error) {
      if (connection.isTransaction) connection.exec('ROLLBACK');
      throw unavailableOr(error);
    }
  }

  /** A file that was removed or replaced while it was open takes writes that nobody will ever read. */
  #requireSameFile(): void {
    if (!this.#connection) return;
    const inode = statSync(this.path, { throwIfNoEntry: false })?.ino;
    if (inode === this.#inode) return;
    throw new AppError(
      'unavailable',
      `the store ${this.path} was removed or replaced: stop Andon, and start it again`,
    );
  }

  #open(): DatabaseSync {
    if (this.#connection) return this.#connection;
    let connection: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      connection = new DatabaseSync(this.path, { timeout: 5000, enableForeignKeyConstraints: true });
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      connection.function('task_label', { deterministic: true }, taskLabel);
      migrate(connection, this.#onUpgrade);
    } catch (error) {
      connection?.close();
      const message = `the store ${this.path} cannot be opened: ${messageOf(error)}`;
      throw new AppError('unavailable', message, { cause: error });
    }
    this.#connection = connection;
    this.#inode = statSync(this.path, { throwIfNoEntry: false })?.ino;
    return connection;
  }
}

/** In SQL `task_label(request, 'model')`: a label as the first outcome of this task will have it. */
function taskLabel(request: SQLOutputValue, label: SQLOutputValue): string | null {
  // It was validated when it was stored.
  const labels: Record<string, string> = { ...taskLabels(JSON.parse(String(request))) };
  return labels[String(label)] ?? null;
}

/** SQLite's primary result codes for a file that cannot be used now: permission, busy, full disk, lost file, … */
const unusable = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 26]);

function unavailableOr(error: unknown): unknown {
  if (error instanceof Error && 'errcode' in error && unusable.has(Number(error.errcode) & 0xff)) {
    return new AppError('unavailable', `the store cannot be used: ${error.message}`, { cause: error });
  }
  return error;
}

/** The JSON in a text column. */
export function json(value: Parameters<typeof text>[0]): unknown {
  return JSON.parse(text(value));
}
