import { type Clock, systemClock } from '../../domain/clock.ts';
import type { Store } from '../../domain/store.ts';
import { SqliteAlertStore } from './alert-store.ts';
import { SqliteBudgetStore } from './budget-store.ts';
import { SqliteCounterStore } from './counter-store.ts';
import { SqliteDatabase } from './database.ts';
import { SqliteExecutorStore } from './executor-store.ts';
import { SqliteImprovementStore } from './improvement-store.ts';
import { beat, catchUp, mark, resume } from './lifetime.ts';
import type { Upgrade } from './migrate.ts';
import { SqliteOutcomeStore } from './outcome-store.ts';
import { SqliteReportStore } from './report-store.ts';
import { SqliteRunnerStore } from './runner-store.ts';
import { SqliteTaskStore } from './task-store.ts';

/** The embedded store: one file. It is opened at its first use, and again after a failure. */
export class SqliteStore implements Store {
  readonly tasks: SqliteTaskStore;
  readonly outcomes: SqliteOutcomeStore;
  readonly counters: SqliteCounterStore;
  readonly alerts: SqliteAlertStore;
  readonly improvements: SqliteImprovementStore;
  readonly runners: SqliteRunnerStore;
  readonly executors: SqliteExecutorStore;
  readonly reports: SqliteReportStore;
  readonly budgets: SqliteBudgetStore;
  readonly #db: SqliteDatabase;

  /** `onUpgrade` is told when a store of an earlier release is about to be upgraded, once that is copied. */
  constructor(path: string, clock: Clock = systemClock, onUpgrade?: (upgrade: Upgrade) => void) {
    this.#db = new SqliteDatabase(path, clock, onUpgrade);
    this.tasks = new SqliteTaskStore(this.#db);
    this.outcomes = new SqliteOutcomeStore(this.#db);
    this.counters = new SqliteCounterStore(this.#db);
    this.alerts = new SqliteAlertStore(this.#db);
    this.improvements = new SqliteImprovementStore(this.#db);
    this.runners = new SqliteRunnerStore(this.#db);
    this.executors = new SqliteExecutorStore(this.#db);
    this.reports = new SqliteReportStore(this.#db);
    this.budgets = new SqliteBudgetStore(this.#db);
  }

  describe(): string {
    return `SQLite at ${this.#db.path}`;
  }

  async check(): Promise<void> {
    await this.#db.write((step) => mark(step, 'checked_at'));
  }

  async resume(): Promise<void> {
    await this.#db.write(resume);
  }

  async beat(): Promise<void> {
    await this.#db.write((step) => {
      catchUp(step);
      beat(step);
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
