import type { ClaimRequest } from './attempt.ts';
import type { ExecutorHold } from './executor-hold.ts';

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
