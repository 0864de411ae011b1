import type { ClaimRequest } from '../../domain/attempt.ts';
import {
  type Budget,
  type BudgetOverride,
  type BudgetState,
  budgetWindow,
  isSpent,
  type Limit,
  limitsOf,
  roundUsd,
  type Throttle,
  throttleOf,
} from '../../domain/budget.ts';
import type { BudgetStore } from '../../domain/budget-store.ts';
import { findClaimable } from './claim.ts';
import type { SqliteDatabase, Step } from './database.ts';
import { listHeld } from './executor-hold.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row, text } from './row.ts';
import { countsAsSpent, findSpent, noteThrottle, type Spent, spentParams } from './throttle.ts';

export class SqliteBudgetStore implements BudgetStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async list(budget: Budget): Promise<BudgetState[]> {
    return this.#db.read((step) => listStates(step, budget));
  }

  async note(budget: Budget): Promise<BudgetState[]> {
    return this.#db.write((step) => {
      noteThrottle(step, budget);
      return listStates(step, budget);
    });
  }

  async holdsBack(request: ClaimRequest): Promise<boolean> {
    return this.#db.read((step) => {
      const held = listHeld(step, request.runner);
      const executors = request.executors.filter((executor) => !held.includes(executor));
      return findClaimable(step, { ...request, executors, free_workers: 1 }).length > 0;
    });
  }

  async override(wanted: Omit<BudgetOverride, 'since'>): Promise<BudgetOverride> {
    return this.#db.write((step) => {
      endOverrides(step, wanted.by, wanted.project ?? '');
      const row = step.get(
        `INSERT INTO budget_overrides (project, since, until, given_by, reason)
         VALUES ($project, $now, $until, $by, $reason) RETURNING *`,
        { ...wanted, project: wanted.project ?? '', until: Date.parse(wanted.until), now: step.now },
      );
      if (!row) throw new TypeError('an override was not stored');
      return overrideOf(row);
    });
  }

  async endOverrides(by: string, project?: string): Promise<number> {
    return this.#db.write((step) => endOverrides(step, by, project));
  }

  async listOverrides(): Promise<BudgetOverride[]> {
    return this.#db.read(overridesInForce);
  }
}

/** Ends what is in force; answers how many there were. What is over by its time gives way to the next one, too. */
function endOverrides(step: Step, by: string, project: string | undefined): number {
  const params = { by, project, now: step.now };
  const open = `ended_at IS NULL AND ($project IS NULL OR project = $project)`;
  step.run(`UPDATE budget_overrides SET ended_at = until WHERE ${open} AND until <= $now`, params);
  return step.run(`UPDATE budget_overrides SET ended_at = $now, ended_by = $by WHERE ${open}`, params);
}

function overridesInForce(step: Step): BudgetOverride[] {
  return step
    .all(`SELECT * FROM budget_overrides WHERE ended_at IS NULL AND until > $now ORDER BY project`, {
      now: step.now,
    })
    .map(overrideOf);
}

function listStates(step: Step, budget: Budget): BudgetState[] {
  const limits = limitsOf(budget);
  if (limits.length === 0) return [];
  const spent = findSpent(step, budget);
  const overrides = overridesInForce(step);
  const usd = new Map([...spent].map(([project, { usd }]) => [project, usd]));
  const throttle = throttleOf(budget, usd, overrides);
  return limits.map((limit) => stateOf(step, { budget, limit, spent, throttle, overrides }));
}

function stateOf(
  step: Step,
  of: {
    budget: Budget;
    limit: Limit;
    spent: Map<string, Spent>;
    throttle: Throttle;
    overrides: BudgetOverride[];
  },
): BudgetState {
  const { budget, limit, throttle } = of;
  const { project } = limit;
  const { usd, unpriced } = sumOf(of.spent, project);
  const exceeded = isSpent(usd, limit.usd);
  const throttled = project === undefined ? throttle.all : throttle.projects.includes(project);
  const override = of.overrides.find((one) => one.project === undefined || one.project === project);
  return {
    ...(project !== undefined && { project }),
    limit_usd: limit.usd,
    spent_usd: roundUsd(usd),
    unpriced_attempts: unpriced,
    exceeded,
    throttled,
    throttled_since: throttled ? throttledSince(step, project) : undefined,
    resumes_at: exceeded ? resumesAt(step, budget, limit) : undefined,
    override: exceeded && budget.throttle && !throttled ? override : undefined,
  };
}

function sumOf(spent: Map<string, Spent>, project: string | undefined): Spent {
  if (project !== undefined) return spent.get(project) ?? { usd: 0, unpriced: 0 };
  return [...spent.values()].reduce(
    (sum, { usd, unpriced }) => ({ usd: sum.usd + usd, unpriced: sum.unpriced + unpriced }),
    { usd: 0, unpriced: 0 },
  );
}

/** Since a claim, or the service's own look, first found it so; now, if none has yet. */
function throttledSince(step: Step, project: string | undefined): string | undefined {
  const row = step.get(`SELECT since FROM budget_throttles WHERE project = $project AND over_at IS NULL`, {
    project: project ?? '',
  });
  return maybeTime(maybeNumber(row?.since) ?? step.now);
}

/**
 * When less than the limit will be spent: when the newest outcome leaves the window that together with all newer ones
 * reaches it.
 */
function resumesAt(step: Step, budget: Budget, { project, usd }: Limit): string | undefined {
  const row = step.get(
    `SELECT max(created_at) + $window AS at
     FROM (SELECT created_at, sum(cost_usd) OVER (ORDER BY created_at DESC) AS usd FROM outcomes
           WHERE ${countsAsSpent} AND ($project IS NULL OR project = $project))
     WHERE round(usd, 6) >= round($limit, 6)`,
    { ...spentParams(step, budget), window: budgetWindow, project, limit: usd },
  );
  return maybeTime(row?.at);
}

function overrideOf(row: Row): BudgetOverride {
  const project = maybeText(row.project) || undefined;
  return {
    ...(project !== undefined && { project }),
    since: new Date(number(row.since)).toISOString(),
    until: new Date(number(row.until)).toISOString(),
    by: text(row.given_by),
    reason: text(row.reason),
  };
}
