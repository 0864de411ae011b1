import { z } from 'zod';
import {
  type Budget,
  budgetOverride,
  budgetStatus,
  endedOverrides,
  longestOverride,
  type OverrideRequest,
  overrideRequest,
} from '../domain/budget.ts';
import type { BudgetStore } from '../domain/budget-store.ts';
import { type Clock, toRfc3339 } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { labelValue } from '../domain/labels.ts';
import { readBudgetStatus } from '../reports/budget-status.ts';
import { type Route, route } from './route.ts';

export interface BudgetRoutesOptions {
  budgets: BudgetStore;
  budget: Budget;
  clock: Clock;
}

const path = '/api/agent/budget/override';

/** Budgets: what was spent of them, and an admin's word that tasks go on all the same. */
export function budgetRoutes({ budgets, budget, clock }: BudgetRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/agent/budget',
      summary: 'What was spent in the last 24 hours of which limit, and whether that holds tasks back',
      scope: 'read',
      answers: { 200: { description: 'How the budgets stand', schema: budgetStatus } },
      handle: async () => ({ body: await readBudgetStatus(budgets, budget, clock) }),
    }),
    route({
      method: 'post',
      path,
      summary: 'Hand out tasks for some time, whatever is spent: those of a project, or all',
      scope: 'admin',
      body: overrideRequest,
      answers: { 200: { description: 'In force, in place of an earlier one', schema: budgetOverride } },
      async handle({ body, principal }) {
        const { project, reason } = body;
        const until = toRfc3339(endOf(body, clock()));
        return { body: await budgets.override({ project, until, by: principal.name, reason }) };
      },
    }),
    route({
      method: 'delete',
      path,
      summary: 'End the override of a project before its time, or every override',
      scope: 'admin',
      query: z.strictObject({
        project: labelValue.optional().meta({ description: 'Whose; every override ends, if absent.' }),
      }),
      answers: {
        200: { description: 'How many were in force', schema: endedOverrides },
      },
      handle: async ({ query, principal }) => ({
        body: { ended: await budgets.endOverrides(principal.name, query.project) },
      }),
    }),
  ];
}

/** @throws AppError `invalid` for an end that is past, or further away than a week */
function endOf({ until, seconds = 0 }: OverrideRequest, now: number): number {
  const end = until === undefined ? now + seconds * 1000 : Date.parse(until);
  if (end > now && end <= now + longestOverride * 1000) return end;
  const detail = 'must be in the future, and at most a week away';
  throw new AppError('invalid', `body: /until ${detail}`, { problems: [{ pointer: '/until', detail }] });
}
