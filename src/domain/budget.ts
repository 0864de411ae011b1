import { z } from 'zod';
import { labelValue } from './labels.ts';

/** Spend counts against a budget for so long after its attempt has ended, in milliseconds: 24 hours. */
export const budgetWindow = 24 * 3600 * 1000;

/** What may be spent in `budgetWindow`, in US dollars, and whether more than that holds tasks back. */
export interface Budget {
  /** Of all projects together; no limit if absent. */
  daily_usd?: number;
  /** Of single projects. */
  projects: Record<string, number>;
  /** Whether a budget that is spent holds back all tasks but critical ones. */
  throttle: boolean;
  /** Whether what a subscription would have cost counts as spent. */
  count_notional: boolean;
}

export const noBudget: Budget = { projects: {}, throttle: false, count_notional: false };

/** A person's word that tasks are handed out for some time, whatever is spent. */
export const budgetOverride = z
  .object({
    project: z.string().optional().meta({ description: 'Whose tasks; those of all projects, if absent.' }),
    since: z.string(),
    until: z.string(),
    by: z.string().meta({ description: 'The name of the token that it was given with.' }),
    reason: z.string(),
  })
  .meta({ id: 'BudgetOverride' });
export type BudgetOverride = z.infer<typeof budgetOverride>;

/** The longest override, in seconds: a week. Whoever wants more than that wants another limit. */
export const longestOverride = 7 * 24 * 3600;

export const overrideRequest = z
  .strictObject({
    project: labelValue.optional().meta({ description: 'Whose tasks; those of all projects, if absent.' }),
    until: z.iso.datetime({ offset: true }).optional().meta({ description: 'At most a week from now.' }),
    seconds: z
      .number()
      .positive()
      .max(longestOverride)
      .optional()
      .meta({ description: 'In place of `until`.' }),
    reason: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters'),
  })
  .refine(({ until, seconds }) => (until === undefined) !== (seconds === undefined), {
    error: 'must have either until or seconds',
    path: ['until'],
  })
  .meta({ id: 'BudgetOverrideRequest' });
export type OverrideRequest = z.output<typeof overrideRequest>;

/** How one budget stands. */
export const budgetState = z
  .object({
    project: z.string().optional().meta({ description: 'That of all projects together, if absent.' }),
    limit_usd: z.number(),
    spent_usd: z
      .number()
      .meta({ description: 'By attempts that ended in the last 24 hours, as far as it is known.' }),
    unpriced_attempts: z.int().meta({
      description: 'Attempts of that time whose cost is not known: it is missing from `spent_usd`.',
    }),
    exceeded: z.boolean().meta({ description: 'Whether as much as the limit is spent, or more.' }),
    throttled: z
      .boolean()
      .meta({ description: 'Whether it keeps tasks from being handed out, but for critical ones.' }),
    throttled_since: z.string().optional(),
    resumes_at: z.string().optional().meta({
      description:
        'Of an exceeded one: when less than the limit will be spent, if nothing more is until then.',
    }),
    override: budgetOverride
      .optional()
      .meta({ description: 'Why an exceeded one holds nothing back though the throttle is on.' }),
  })
  .meta({ id: 'BudgetState' });
export type BudgetState = z.infer<typeof budgetState>;

export const budgetStatus = z
  .object({
    at: z.string(),
    throttle: z.boolean().meta({ description: 'The setting: whether a spent budget holds tasks back.' }),
    count_notional: z.boolean(),
    budgets: z.array(budgetState).meta({ description: 'That of all projects together comes first.' }),
    overrides: z.array(budgetOverride).meta({ description: 'Those in force.' }),
  })
  .meta({ id: 'BudgetStatus' });
export type BudgetStatus = z.infer<typeof budgetStatus>;

/** One limit: of this project, or of all together. */
export interface Limit {
  project?: string;
  usd: number;
}

/** The limits of a budget: that of all projects together comes first, then by name. */
export function limitsOf({ daily_usd, projects }: Budget): Limit[] {
  const byName = Object.entries(projects).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...(daily_usd === undefined ? [] : [{ usd: daily_usd }]),
    ...byName.map(([project, usd]) => ({ project, usd })),
  ];
}

/** A sum to a millionth of a dollar: sums of the same costs in another order are the same then. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

/** Whether a limit has been reached: what is spent to the last cent leaves nothing for a further task. */
export function isSpent(spentUsd: number, limitUsd: number): boolean {
  return roundUsd(spentUsd) >= roundUsd(limitUsd);
}

/** Whose tasks are held back, but for critical ones. */
export interface Throttle {
  /** Those of every project but the exempt ones. */
  all: boolean;
  exempt: string[];
  /** Those of single projects. */
  projects: string[];
}

export const noThrottle: Throttle = { all: false, exempt: [], projects: [] };

/**
 * What is held back where so much is spent, by project, and these overrides are in force. An override of a project
 * lets its tasks go on also where the budget of all together is spent.
 */
export function throttleOf(
  budget: Budget,
  spentUsd: ReadonlyMap<string, number>,
  overrides: readonly Pick<BudgetOverride, 'project'>[],
): Throttle {
  if (!budget.throttle || overrides.some(({ project }) => project === undefined)) return noThrottle;
  const exempt = overrides.flatMap(({ project }) => project ?? []);
  const spent = limitsOf(budget).filter(({ project, usd }) => isSpent(spentOf(spentUsd, project), usd));
  return {
    all: spent.some(({ project }) => project === undefined),
    exempt,
    projects: spent.flatMap(({ project }) => project ?? []).filter((project) => !exempt.includes(project)),
  };
}

/** What a project has spent, or all of them together. */
export function spentOf(spentUsd: ReadonlyMap<string, number>, project: string | undefined): number {
  if (project !== undefined) return spentUsd.get(project) ?? 0;
  return [...spentUsd.values()].reduce((sum, usd) => sum + usd, 0);
}

/** "project shop has spent $12.30 of $10 in 24 h, and 2 attempts have no price" */
export function spentText({ project, spent_usd, limit_usd, unpriced_attempts }: BudgetState): string {
  const who = project === undefined ? 'all projects together have' : `project ${project} has`;
  const unpriced =
    unpriced_attempts === 1
      ? ', and 1 attempt has no price'
      : `, and ${unpriced_attempts} attempts have no price`;
  const spent = `${who} spent ${usdText(spent_usd)} of ${usdText(limit_usd)} in 24 h`;
  return unpriced_attempts === 0 ? spent : spent + unpriced;
}

/** "$10", "$12.30", "$0.0125" */
export function usdText(usd: number): string {
  if (Number.isInteger(usd)) return `$${usd}`;
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** "14:05 UTC", with the date before it if that is more than a day ahead. To the next full minute. */
export function untilText(time: string, now: number): string {
  const minute = 60_000;
  const at = Math.ceil(Date.parse(time) / minute) * minute;
  const [date = '', clock = ''] = new Date(at).toISOString().split('T');
  const short = `${clock.slice(0, 5)} UTC`;
  return at - now > budgetWindow + minute ? `${date} ${short}` : short;
}

/** How many overrides an admin's word has ended. */
export const endedOverrides = z.object({ ended: z.int() });
