import type { ClaimRequest } from './attempt.ts';
import type { Budget, BudgetOverride, BudgetState } from './budget.ts';

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
