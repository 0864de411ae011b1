import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../domain/clock.ts';
import { AppError, messageOf } from '../../domain/errors.ts';
import { taskLabels } from '../../domain/task-outcome.ts';
import { fills } from './migration-fills.ts';
import { type Row, text } from './row.ts';

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
  #connection: DatabaseSync | undefined;
  #inode: number | undefined;
  readonly #steps = new Steps(() => this.#open());

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
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
      migrate(connection);
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

/** Runs steps on a connection, and keeps what it has prepared for them. */
class Steps {
  readonly #connection: () => DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #kept = new Map<unknown, unknown>();

  constructor(connection: () => DatabaseSync) {
    this.#connection = connection;
  }

  /** Inside a transaction that the caller begins and ends. */
  run<T>(now: number, work: (step: Step) => T): T {
    const gathered = new Map<unknown, Gathered>();
    const step: Step = {
      now,
      all: (sql, params = {}) => this.#prepare(sql).all(bound(params)),
      get: (sql, params = {}) => this.#prepare(sql).get(bound(params)),
      run: (sql, params = {}) => Number(this.#prepare(sql).run(bound(params)).changes),
      gather: (kind) => madeOnce(gathered, kind, () => new kind(step)),
      keep: (kind) => madeOnce(this.#kept, kind, () => new kind()),
    };
    const result = work(step);
    for (const one of gathered.values()) one.finish();
    return result;
  }

  forget(): void {
    this.#kept.clear();
    this.#statements.clear();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection().prepare(sql);
      statement.setAllowUnknownNamedParameters(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function madeOnce<T>(
  known: Map<unknown, unknown>,
  kind: abstract new (...of: never[]) => T,
  make: () => T,
): T {
  const found = known.get(kind);
  if (found instanceof kind) return found;
  const made = make();
  known.set(kind, made);
  return made;
}

/** What is absent is NULL. A copy only where there is such: this is done for every statement. */
function bound(params: Params): Record<string, SQLInputValue> {
  let copy: Record<string, SQLInputValue> | undefined;
  for (const name in params) {
    if (params[name] !== undefined) continue;
    copy ??= { ...params } as Record<string, SQLInputValue>;
    copy[name] = null;
  }
  return copy ?? (params as Record<string, SQLInputValue>);
}

/** SQLite's primary result codes for a file that cannot be used now: permission, busy, full disk, lost file, … */
const unusable = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 26]);

function unavailableOr(error: unknown): unknown {
  if (error instanceof Error && 'errcode' in error && unusable.has(Number(error.errcode) & 0xff)) {
    return new AppError('unavailable', `the store cannot be used: ${error.message}`, { cause: error });
  }
  return error;
}

const migrations = join(import.meta.dirname, 'migrations');

/** Runs the numbered files that this database has not seen, all in one transaction. */
function migrate(connection: DatabaseSync): void {
  const files = readdirSync(migrations)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort();
  const numberOf = (name: string | undefined) => Number(name?.slice(0, 4));
  const newest = numberOf(files.at(-1));
  // Locked first, so that of two processes that start at once the second finds the work done.
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = Number(connection.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version > newest) {
      throw new Error(`it was written by a newer Andon (schema ${version}, this one knows ${newest})`);
    }
    const steps = new Steps(() => connection);
    for (const name of files.filter((file) => numberOf(file) > version)) {
      connection.exec(readFileSync(join(migrations, name), 'utf8'));
      const fill = fills.get(numberOf(name));
      if (fill) steps.run(Date.now(), fill);
    }
    connection.exec(`PRAGMA user_version = ${newest}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/** The JSON in a text column. */
export function json(value: Parameters<typeof text>[0]): unknown {
  return JSON.parse(text(value));
}
