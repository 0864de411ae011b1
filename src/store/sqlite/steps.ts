import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Gathered, Params, Step } from './database.ts';

/** Runs steps on a connection, and keeps what it has prepared for them. */
export class Steps {
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
