import { type Budget, type BudgetState, type BudgetStatus, spentText, untilText } from '../domain/budget.ts';
import type { BudgetStore } from '../domain/budget-store.ts';
import { type Clock, toRfc3339 } from '../domain/clock.ts';

/** How the budgets stand, and whose tasks are handed out in spite of them. */
export async function readBudgetStatus(
  budgets: BudgetStore,
  budget: Budget,
  clock: Clock,
): Promise<BudgetStatus> {
  const [states, overrides] = await Promise.all([budgets.list(budget), budgets.listOverrides()]);
  const { throttle, count_notional } = budget;
  return { at: toRfc3339(clock()), throttle, count_notional, budgets: states, overrides };
}

/** What a person is to know of budgets that are spent, a sentence each. */
export function budgetFlags(states: readonly BudgetState[], now: number): string[] {
  return states
    .filter(({ exceeded }) => exceeded)
    .map((state) => {
      const spent = spentText(state);
      return `${spent.charAt(0).toUpperCase()}${spent.slice(1)}${consequence(state, now)}.`;
    });
}

function consequence({ throttled, resumes_at, override }: BudgetState, now: number): string {
  if (throttled) {
    const until = resumes_at === undefined ? '' : `${untilText(resumes_at, now)} or `;
    return `: only critical tasks are handed out until ${until}\`andon budget resume\``;
  }
  if (!override) return '';
  return `: tasks are handed out all the same until ${untilText(override.until, now)}, by word of ${override.by}`;
}
