import {
  type BudgetOverride,
  type BudgetState,
  type BudgetStatus,
  untilText,
  usdText,
} from '../domain/budget.ts';

/** How the budgets stand, a line each. */
export function budgetLines(status: BudgetStatus): string[] {
  const { budgets, overrides } = status;
  if (budgets.length === 0) return ['No budget is set (budget.daily_usd, budget.projects).'];
  const rows = [
    ['budget', 'spent in 24 h', 'limit', 'unpriced', 'state'],
    ...budgets.map((state) => [
      state.project ?? '(all together)',
      `$${state.spent_usd.toFixed(4)}`,
      usdText(state.limit_usd),
      `${state.unpriced_attempts}`,
      stateText(state, status),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = rows.map(([name = '', ...cells]) => {
    const state = cells.pop() ?? '';
    const figures = cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
    return [name.padEnd(widths[0] ?? 0), ...figures, state].join('  ');
  });
  return [...padded, ...overrides.map(overrideLine)];
}

function stateText(state: BudgetState, { at, throttle }: BudgetStatus): string {
  if (!state.exceeded) return 'within';
  if (state.throttled) {
    const until =
      state.resumes_at === undefined ? '' : ` until ${untilText(state.resumes_at, Date.parse(at))}`;
    return `spent: only critical tasks${until}`;
  }
  return throttle ? 'spent: tasks go on by override' : 'spent: budget.throttle is off';
}

export function overrideLine({ project, until, by, reason }: BudgetOverride): string {
  const whose = project === undefined ? 'Tasks' : `Tasks of project ${project}`;
  return `${whose} are handed out until ${until}, whatever is spent (${by}: ${reason})`;
}
