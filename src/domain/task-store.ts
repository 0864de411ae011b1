import type { Attempt, ClaimedTask, ClaimRequest, WorkChanges } from './attempt.ts';
import type { Budget } from './budget.ts';
import type { Disposition } from './disposition.ts';
import type { ExecutorHold } from './executor-hold.ts';
import type { JudgedRun } from './judged-run.ts';
import type { OutcomeLabels } from './labels.ts';
import type { TaskMetric } from './outcome.ts';
import type { Page } from './page.ts';
import type { TaskNeeds } from './runner-asks.ts';
import type { NewTask, Task, TaskChange, TaskStatus } from './task.ts';
import type { Verdict } from './verdict.ts';

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
