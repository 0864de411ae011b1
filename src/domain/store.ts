import type { AlertStore } from './alert-store.ts';
import type { BudgetStore } from './budget-store.ts';
import type { CounterStore } from './counter-store.ts';
import type { ExecutorStore } from './executor-store.ts';
import type { ImprovementStore } from './improvement-store.ts';
import type { OutcomeStore } from './outcome-store.ts';
import type { ReportStore } from './report-store.ts';
import type { RunnerStore } from './runner-store.ts';
import type { TaskStore } from './task-store.ts';

/**
 * What a store promises. Every method is one atomic step, durable when its promise resolves; no transaction is
 * ever handed out. A method that the store cannot carry out now throws AppError `unavailable`, and has done nothing.
 */
export interface Store {
  readonly tasks: TaskStore;
  readonly outcomes: OutcomeStore;
  readonly counters: CounterStore;
  readonly alerts: AlertStore;
  readonly improvements: ImprovementStore;
  readonly runners: RunnerStore;
  readonly executors: ExecutorStore;
  readonly reports: ReportStore;
  readonly budgets: BudgetStore;
  /** Says in a few words what and where it is: "SQLite at ./data/andon.db". */
  describe(): string;
  /** @throws AppError `unavailable` with the reason, if the store cannot be read and written now */
  check(): Promise<void>;
  /**
   * Lets the store's clock run on after the service was away: leases and held series get back the time that
   * passed since the last `beat`. Once, when the service starts.
   */
  resume(): Promise<void>;
  /** Records that the service is alive, every few seconds; notices if it was not (a suspended machine). */
  beat(): Promise<void>;
  close(): Promise<void>;
}
