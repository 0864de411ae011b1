import type { Logger } from 'pino';
import { type Budget, type BudgetState, spentText } from '../domain/budget.ts';
import type { BudgetStore } from '../domain/budget-store.ts';

/** Makes a job that says once when a budget begins to hold tasks back, and once when it no longer does. */
export function createBudgetWatch(budgets: BudgetStore, budget: Budget, logger: Logger): () => Promise<void> {
  let told = new Map<string | undefined, BudgetState>();
  return async () => {
    const states = await budgets.note(budget);
    const now = new Map(states.filter(({ throttled }) => throttled).map((state) => [state.project, state]));
    for (const [project, state] of now) {
      if (told.has(project)) continue;
      logger.warn({ until: state.resumes_at }, `only critical tasks are handed out: ${spentText(state)}`);
    }
    for (const project of told.keys()) {
      if (!now.has(project)) logger.info(`the budget of ${whose(project)} no longer holds tasks back`);
    }
    told = now;
  };
}

function whose(project: string | undefined): string {
  return project === undefined ? 'all projects together' : `project ${project}`;
}
