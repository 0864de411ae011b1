import type { HeldBack, Improvement, Proposal, ProposalRules, ProposeResult } from './improvement.ts';
import type { ImprovementState } from './improvement-state.ts';
import type { Page } from './page.ts';
import type { NewTask } from './task.ts';

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
