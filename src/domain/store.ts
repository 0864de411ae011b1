import type { AlertDelivery, DeliverySummary, FiringAlert, StoredAlert } from './alert.ts';
import type { Attempt, ClaimedTask, ClaimRequest, WorkChanges } from './attempt.ts';
import type { Budget, BudgetOverride, BudgetState } from './budget.ts';
import type { Disposition } from './disposition.ts';
import type { ExecutorHold } from './executor-hold.ts';
import type { HeldBack, Improvement, Proposal, ProposalRules, ProposeResult } from './improvement.ts';
import type { ImprovementState } from './improvement-state.ts';
import type { JudgedRun } from './judged-run.ts';
import type { OutcomeLabels } from './labels.ts';
import type { CounterSeries } from './ledger.ts';
import type { TaskMetric } from './outcome.ts';
import type { LabelSetOutcomes } from './outcome-group.ts';
import type { Page } from './page.ts';
import type { RunnerAsks, TaskNeeds } from './runner-asks.ts';
import type { NewTask, Task, TaskChange, TaskStatus } from './task.ts';
import type { Verdict } from './verdict.ts';

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

/**
 * `newest`: all tasks, queued last comes first. The others are of some tasks only, and have one page: `claim` of
 * those that can run now, as a claim takes them, without those of paused executors; `blocked`, in the same order, of
 * those that wait for a task that failed, was cancelled or does not exist; `oldest_start` of the running ones;
 * `oldest_decision` of those that wait for a person's decision; `last_ended` of those that ended.
 */
export type TaskOrder = 'newest' | 'claim' | 'blocked' | 'oldest_start' | 'oldest_decision' | 'last_ended';

export interface TaskQuery {
  status?: TaskStatus;
  task_type?: string;
  project?: string;
  executor?: string;
  /** What an attempt ran on, folded as the label is; of a task that has not ended one, what it asks for. */
  model?: string;
  /** As the label is. */
  variant?: string;
  /** Of the last attempt. */
  error_class?: string;
  origin?: string;
  limit: number;
  /** `newest`, unless said. */
  order?: TaskOrder;
  /** Only with `newest`. */
  cursor?: string;
  /** Only with `claim`: what it holds back is left out. */
  budget?: Budget;
}

export interface FinishStep {
  task_id: string;
  attempt: number;
  lease_token: string;
  /** A hash of the whole request as it was sent: the same one again changes nothing. */
  digest: string;
  /** Its `final` is the disposition's. */
  metric: TaskMetric;
  disposition: Disposition;
  /** What holds instead if a person has asked to cancel by then. */
  disposition_if_cancelled: Disposition;
  error_message?: string;
  decision_prompt?: string;
  log_tail?: string;
  branch?: string;
  changes?: WorkChanges;
  pull_request?: string;
  /** Recorded in the same step, unless the finish is superseded. */
  hold?: ExecutorHold;
}

export type FinishResult =
  | { kind: 'recorded' | 'repeated'; task: Task; final: boolean; labels: OutcomeLabels }
  /** Another finish of this attempt came first, and stands. */
  | { kind: 'differs'; task: Task }
  /** The attempt is not the current one: only what it spent was recorded. */
  | { kind: 'superseded'; task: Task };

/** How many tasks are in a status. */
export interface TaskCount {
  project: string;
  task_type: string;
  status: TaskStatus;
  count: number;
}

/** Pending tasks that ask the same of a runner. */
export interface WaitingTasks extends TaskNeeds {
  count: number;
  /** When the first of them was queued, in milliseconds. */
  oldest: number;
}

/** The oldest of the tasks of a kind; times in milliseconds, absent if there is none. */
export interface TaskAges {
  project: string;
  task_type: string;
  executor: string;
  oldest_pending?: number;
  /** When the one that has been running longest was started. */
  oldest_started?: number;
  oldest_progress?: number;
  /** Since when the one that has waited longest for a decision waits. */
  oldest_decision?: number;
}

export interface TaskStore {
  /**
   * The same id with the same request again answers the task as it is now. `digest` is a hash of the request as it
   * was sent, which changed defaults leave as it is; of the task, unless said. @throws `conflict` if it differs, or
   * if outcomes that another runner reported are recorded under the id; `invalid` if it would wait for itself
   */
  create(task: NewTask, digest?: string): Promise<{ task: Task; created: boolean }>;
  find(id: string): Promise<Task | undefined>;
  list(query: TaskQuery): Promise<Page<Task>>;
  /** @throws `not_found`; `conflict` if the task's status does not allow the change */
  update(id: string, change: TaskChange): Promise<Task>;
  /**
   * Puts a verdict on a completed task and its last outcome; where there is no such task, on the last outcome that
   * was recorded under the id. A later one takes its place. @throws `not_found`; `conflict` if that is not completed
   */
  setVerdict(id: string, verdict: Verdict, pullRequest?: string): Promise<Task | JudgedRun>;
  listAttempts(id: string): Promise<Attempt[]>;
  /** The tail of the log that came with the last finish; undefined if none did. */
  findLogTail(id: string): Promise<string | undefined>;

  /**
   * Hands out at most `free_workers` tasks, by priority and then age, each under a lease of this many seconds; none for
   * an executor that is held, once those that the runner has `probed` are open; none but critical ones where the
   * budget holds the others back, by what is spent when they are handed out.
   */
  claim(request: ClaimRequest, leaseSeconds: number, budget?: Budget): Promise<ClaimedTask[]>;
  /** @throws `not_found`; `conflict` if the attempt was superseded or has ended */
  heartbeat(
    id: string,
    leaseToken: string,
    leaseSeconds: number,
    secondsSinceProgress?: number,
  ): Promise<{ lease_expires_at: string; cancel: boolean }>;
  /** @throws `not_found`; `conflict` if the token is not that attempt's */
  finish(step: FinishStep): Promise<FinishResult>;
  /**
   * Gives back the tasks whose lease ran out, and ends those that have no attempt left so many seconds after it,
   * `lastAttemptGrace` unless said; answers how many. Time in which the service was not alive is no part of a lease.
   */
  expireLeases(graceSeconds?: number): Promise<number>;

  countByStatus(): Promise<TaskCount[]>;
  /** What the budget holds back cannot run now. */
  listAges(budget?: Budget): Promise<TaskAges[]>;
  /** All pending tasks, also those that wait for something else, the most numerous first. */
  countWaiting(): Promise<WaitingTasks[]>;
}

/** `own_task`: the id is that of a task of ours, whose outcomes only its runner reports. */
export type RecordResult = 'recorded' | 'duplicate' | 'own_task';

export interface RecordedOutcome {
  result: RecordResult;
  labels: OutcomeLabels;
  /** False if it is too old for the counters, and so for histograms. */
  counted: boolean;
}

export interface OutcomeFilter {
  from: number;
  to: number;
  project?: string;
  task_type?: string;
  /** As the label is: folded. */
  model?: string;
  executor?: string;
  variant?: string;
}

/** An outcome with its number in the store. */
export interface StoredOutcome {
  seq: number;
  metric: TaskMetric;
}

export interface PricingQuery {
  since: number;
  limit: number;
  cursor?: string;
}

export interface OutcomeStore {
  /** Records a foreign runner's outcomes, each once by `(task_id, attempt)`: all of them or, if it throws, none. */
  record(metrics: TaskMetric[]): Promise<RecordedOutcome[]>;
  /**
   * Everything in `[from, to)`, by label set and kind, in the order of their members (what is absent comes first).
   * Counts and sums are exact, durations to one percent. Neither the answer nor the time that it takes grows with the
   * number of outcomes.
   */
  summarize(filter: OutcomeFilter): Promise<LabelSetOutcomes[]>;
  /**
   * Outcomes since a time (milliseconds) with usage whose cost a table may know better: those without one, and those
   * that were priced by a table of ours. By when they ended, page by page: the cost of a page does not grow with what
   * is stored.
   */
  listForPricing(query: PricingQuery): Promise<Page<StoredOutcome>>;
  /** Puts new costs in place of the old ones, as one step. Reports show them; the counters do not move. */
  reprice(changes: StoredOutcome[]): Promise<void>;
}

export interface ExecutorStore {
  /** The holds in force now; a pause that is over is none. */
  list(): Promise<ExecutorHold[]>;
  /**
   * How many holds of this executor came one after the other without a success between, less the one in force: its
   * pauses or, with a runner, the times that it was closed for that runner.
   */
  countHolds(executor: string, runner?: string): Promise<number>;
  /**
   * The executors that tasks or holds were seen of, as bounded labels, and the error classes that hold them now, where a
   * hold for a runner that has left, or was not heard of since this time (milliseconds), is none.
   */
  listSeen(runnersSince: number): Promise<{ executor: string; held_for: string[] }[]>;
  /** Whether there is a task that this claim would get if no executor were held. */
  wouldClaim(request: ClaimRequest): Promise<boolean>;
  /** Opens an executor again: for one runner, or, without one, for all. Answers whether there was a hold. */
  open(executor: string, runner?: string): Promise<boolean>;
}

export interface BudgetStore {
  /** How each budget stands now: that of all projects together first, then by project. None without a limit. */
  list(budget: Budget): Promise<BudgetState[]>;
  /** The same, and records since when a budget holds tasks back or no longer does; a claim records that as well. */
  note(budget: Budget): Promise<BudgetState[]>;
  /** Whether there is a task that this claim would get if no budget were spent. */
  holdsBack(request: ClaimRequest): Promise<boolean>;
  /** In force from now on, in place of the one of the same project (or of all). */
  override(wanted: Omit<BudgetOverride, 'since'>): Promise<BudgetOverride>;
  /** Ends the override of a project; without one, every override. Answers how many were in force. */
  endOverrides(by: string, project?: string): Promise<number>;
  /** Those in force; that of all projects comes first. */
  listOverrides(): Promise<BudgetOverride[]>;
}

export interface CounterStore {
  /**
   * Every counter series, as it may be exported now. The first call that answers a new series is recorded before
   * it resolves; until `holdSeconds` after it the series reads 0, so that Prometheus has scraped it at 0.
   */
  export(holdSeconds: number): Promise<CounterSeries[]>;
}

/** An alert that has changed since its last `settle`. */
export interface UnsettledAlert extends StoredAlert {
  revision: number;
}

export interface AlertQuery {
  status?: StoredAlert['status'];
  limit: number;
  cursor?: string;
}

/** Whether the webhook is called and worked off; times in milliseconds. */
export interface WebhookState {
  unsettled: number;
  /** When it was last called; absent if it never was. */
  last_call?: number;
}

export interface AlertStore {
  /** Keeps the call as it came, and brings its alerts up to date. */
  receive(delivery: AlertDelivery): Promise<void>;
  /** Received last comes first. */
  list(query: AlertQuery): Promise<Page<StoredAlert>>;
  /**
   * What fires now: ours first, then by severity, then what began first; each with the latest improvement that came
   * of it, or the digest that lists it.
   */
  listFiring(limit: number): Promise<{ total: number; alerts: FiringAlert[] }>;
  /** Received first comes first. */
  listUnsettled(limit: number): Promise<UnsettledAlert[]>;
  /** Each has been worked off as it was at this revision; a later change keeps it unsettled. */
  settle(alerts: Pick<UnsettledAlert, 'fingerprint' | 'revision'>[]): Promise<void>;
  webhookState(): Promise<WebhookState>;
  /** The calls that are kept, last first. */
  listDeliveries(query: { limit: number; cursor?: string }): Promise<Page<DeliverySummary>>;
  /** The body of a call as it came. */
  findDelivery(id: string): Promise<string | undefined>;
  /**
   * Takes away what is past its time: calls, and alerts, worked off, that no call has told of; what was held back and
   * is in no open digest. Answers how many calls.
   */
  forget(retentionSeconds: number): Promise<number>;
}

export interface ImprovementQuery {
  state?: ImprovementState;
  kind?: string;
  alert_fingerprint?: string;
  limit: number;
  cursor?: string;
}

export interface ImprovementStore {
  /**
   * Makes each proposal, in this order, or adds to the open one of the same identity; what the budget has no room for
   * is held back, and listed in the one open digest. Answers what came of each. Done again, it changes nothing.
   */
  propose(proposals: Proposal[], rules: ProposalRules): Promise<ProposeResult[]>;
  find(id: string): Promise<Improvement | undefined>;
  /** Newest first. By a fingerprint: all of the identities that the alert spoke for, and digests that list one. */
  list(query: ImprovementQuery): Promise<Page<Improvement>>;
  /** All that a digest lists, held back first comes first; nothing for what is no digest. */
  listHeldBack(id: string, query: { limit: number; cursor?: string }): Promise<Page<HeldBack>>;
  /**
   * Makes the task and schedules the improvement, as one step; the improvement keeps what the task was told.
   * @throws `not_found`; `conflict` unless `proposed`
   */
  approve(id: string, by: string, task: NewTask, reason?: string): Promise<Improvement>;
  /** @throws `not_found`; `conflict` unless `proposed` */
  reject(id: string, by: string, reason?: string): Promise<Improvement>;
  /** Moves scheduled improvements on whose task has ended: to `done`, or `withdrawn` if it failed. */
  settle(): Promise<Improvement[]>;
  countByState(): Promise<ImprovementCount[]>;
}

/** How many improvements are in a state, of a kind and for an alert. */
export interface ImprovementCount {
  kind: string;
  alert: string;
  state: ImprovementState;
  count: number;
  /** When the first of them was proposed, in milliseconds. */
  oldest: number;
}

export interface RunnerSeen {
  runner: string;
  seen_at: number;
  metrics_url?: string;
  /** Of its last claim; undefined if it has made none. */
  asks?: RunnerAsks;
}

export interface RunnerStore {
  /** A runner is heard of. What it does not say now stays as it said it last. */
  see(runner: string, says?: Pick<RunnerSeen, 'metrics_url' | 'asks'>): Promise<void>;
  /** Runners seen since this time (milliseconds) that have not left. */
  list(since: number): Promise<RunnerSeen[]>;
  leave(runner: string): Promise<void>;
}

/** Which scheduled report was the last that was sent, by when it was due. */
export interface ReportStore {
  lastDue(): Promise<number | undefined>;
  /** Never moves back. */
  markSent(due: number): Promise<void>;
}
