import {
  type Budget,
  budgetWindow,
  limitsOf,
  noThrottle,
  type Throttle,
  throttleOf,
} from '../../domain/budget.ts';
import type { Params, Step } from './database.ts';
import { RollupReader } from './rollup-reader.ts';
import { maybeText } from './row.ts';

/** What attempts have cost that ended in the last 24 hours, as far as it is known. */
export interface Spent {
  usd: number;
  unpriced: number;
}

/** The outcomes that count against a budget, in SQL; read from the index `outcomes_spent` alone. */
export const countsAsSpent = `created_at > $since AND ($notional OR billing <> 'subscription')`;

export function spentParams(step: Step, { count_notional }: Budget): Params {
  return { since: step.now - budgetWindow, notional: count_notional ? 1 : 0 };
}

/** By project, exact to the moment: it costs the same however much was done in the 24 hours. */
export function findSpent(step: Step, { count_notional }: Budget): Map<string, Spent> {
  const window = { from: step.now - budgetWindow + 1, to: Number.MAX_SAFE_INTEGER };
  const spent = new Map<string, Spent>();
  for (const { project, kinds } of step.keep(RollupReader).summarize(step, window)) {
    const sum = spent.get(project) ?? { usd: 0, unpriced: 0 };
    spent.set(project, sum);
    for (const { billing, cost_source, cost_usd, count } of kinds) {
      if (billing === 'subscription' && !count_notional) continue;
      sum.usd += cost_usd;
      sum.unpriced += cost_source === 'unpriced' ? count : 0;
    }
  }
  return spent;
}

/** The part of a claim that decides what is held back, and records it where that has changed. */
export function noteThrottle(step: Step, budget: Budget): Throttle {
  const throttle = findThrottle(step, budget);
  const held = JSON.stringify([...(throttle.all ? [''] : []), ...throttle.projects]);
  step.run(
    `INSERT INTO budget_throttles (project, since) SELECT value, $now FROM json_each($held) WHERE true
     ON CONFLICT (project) DO UPDATE SET since = excluded.since, over_at = NULL WHERE over_at IS NOT NULL`,
    { held, now: step.now },
  );
  step.run(
    `UPDATE budget_throttles SET over_at = $now
     WHERE over_at IS NULL AND project NOT IN (SELECT value FROM json_each($held))`,
    { held, now: step.now },
  );
  return throttle;
}

/** What is held back now. */
export function findThrottle(step: Step, budget: Budget | undefined): Throttle {
  if (!budget?.throttle || limitsOf(budget).length === 0) return noThrottle;
  const spent = [...findSpent(step, budget)].map(([project, { usd }]) => [project, usd] as const);
  return throttleOf(budget, new Map(spent), findOverridden(step));
}

/** The projects whose overrides are in force. */
function findOverridden(step: Step): { project?: string }[] {
  return step
    .all(`SELECT project FROM budget_overrides WHERE ended_at IS NULL AND until > $now`, { now: step.now })
    .map((row) => ({ project: maybeText(row.project) || undefined }));
}

/** True of the tasks that no spent budget holds back. */
export const notHeldBack = `(tasks.critical OR NOT (
  ($held_all AND tasks.project NOT IN (SELECT value FROM json_each($exempt)))
  OR tasks.project IN (SELECT value FROM json_each($held_projects))))`;

export function throttleParams({ all, exempt, projects }: Throttle): Params {
  return { held_all: all ? 1 : 0, exempt: JSON.stringify(exempt), held_projects: JSON.stringify(projects) };
}

/** When a budget last ceased to hold this task back; null for one that none does. */
export const throttleOver = `iif(tasks.critical, NULL, (
  SELECT max(over_at) FROM budget_throttles t WHERE t.project IN ('', tasks.project)))`;
