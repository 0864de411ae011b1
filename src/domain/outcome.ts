import { z } from 'zod';
import { labelValue, type OutcomeLabels, variantLabel } from './labels.ts';
import { foldModelName } from './model-name.ts';

/** Whose fault a failure is; it decides what happens next and what the failure counts in. */
export type Fault = 'attempt' | 'provider' | 'set_up' | 'ours' | 'runner';

/** The closed set of error classes, each with whose fault it is. */
export const faultOf = {
  timeout: 'attempt',
  stalled: 'attempt',
  nonzero_exit: 'attempt',
  empty_output: 'attempt',
  context_exhausted: 'attempt',
  no_change: 'attempt',
  verify_failed: 'attempt',
  review_failed: 'attempt',
  malformed_output: 'attempt',
  rate_limited: 'provider',
  overloaded: 'provider',
  auth: 'set_up',
  spawn: 'set_up',
  no_first_byte: 'set_up',
  budget: 'ours',
  killed: 'ours',
  cancelled: 'ours',
  lost: 'runner',
} as const satisfies Record<string, Fault>;

export type ErrorClass = keyof typeof faultOf;
export const errorClasses = Object.keys(faultOf) as [ErrorClass, ...ErrorClass[]];

/** The faults whose outcomes are left out of success rates and times, and shown apart. */
export type ExcludedFault = 'provider' | 'set_up' | 'ours';

/** The class of a failure without a class of its own (a foreign record's), in labels and reports. */
export const unknownErrorClass = 'unknown';

/** Which part of `excluded` a failure belongs in; undefined if it counts in success rates. */
export function excludedFault(errorClass: ErrorClass | undefined): ExcludedFault | undefined {
  const fault = errorClass && faultOf[errorClass];
  return fault === 'provider' || fault === 'set_up' || fault === 'ours' ? fault : undefined;
}

/** The longest duration that is believed: 31 days, in seconds. */
export const longestDuration = 31 * 24 * 3600;
const tokens = z.int().min(0).max(1e12);
const seconds = z.number().min(0).max(longestDuration);
const usd = z.number().min(0).max(1e6);
const dateTime = z.iso.datetime({ offset: true });
/** What an outcome is of: a task’s id, or the caller’s own for its run. */
export const runId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

export const modelUsage = z.object({
  model: labelValue,
  input_uncached: tokens,
  cache_read: tokens,
  cache_write: tokens,
  output: tokens,
  reasoning: tokens.optional().meta({ description: 'Part of `output`, where the CLI tells.' }),
  cost_usd: usd.optional(),
});
export type ModelUsage = z.infer<typeof modelUsage>;

export const usageTotals = z.object({
  input_uncached: tokens,
  cache_read: tokens,
  cache_write: tokens,
  output: tokens,
  reasoning: tokens.optional(),
  api_calls: tokens.optional(),
  turns: tokens
    .optional()
    .meta({ description: 'How often the agent went round, where the CLI tells that instead.' }),
});
export type UsageTotals = z.infer<typeof usageTotals>;

export const usageStates = ['terminal', 'partial', 'none'] as const;
export const costSources = ['reported', 'computed', 'unpriced', 'none'] as const;
export const billings = ['metered', 'subscription', 'unknown'] as const;

/** The members of a report, without the rules between them. */
export const outcomeFields = z.strictObject({
  task_id: runId,
  attempt: z.int().min(1).max(10_000).default(1),
  final: z.boolean().default(true).meta({ description: 'False if the task will be tried again.' }),
  task_type: labelValue,
  model: labelValue.default('unknown'),
  executor: labelValue.default('unknown'),
  project: labelValue.default('default'),
  duration_seconds: seconds.meta({ description: 'Wall clock of the attempt.' }),
  queue_seconds: seconds.optional(),
  status: z.enum(['completed', 'failed']),
  created_at: dateTime.optional().meta({ description: 'When the attempt ended; now if absent.' }),
  prompt_variant: labelValue.optional(),
  skill_version: labelValue.optional(),
  experiment: labelValue.optional(),
  variant: labelValue.optional(),
  error_class: z.enum(errorClasses).optional(),
  usage_by_model: z.array(modelUsage).max(50).optional(),
  usage: usageTotals.optional(),
  usage_state: z.enum(usageStates).optional(),
  cost_usd: usd.optional(),
  cost_source: z.enum(costSources).optional(),
  billing: z.enum(billings).default('unknown'),
  requested_model: labelValue
    .optional()
    .meta({ description: 'What was asked for, where something else ran.' }),
  ran_model: labelValue.optional().meta({
    description: 'What ran, as the CLI says, where `model` is the name that was asked for.',
  }),
  raw_result: z.string().max(65_536).optional().meta({
    description: 'The CLI’s final object as it came, masked: a better price table can price it again.',
  }),
  goal: labelValue.optional(),
  backlog_item: labelValue.optional(),
  duration_observed: z.boolean().default(false).meta({
    description: 'True if the sender exports this duration in a histogram of its own.',
  }),
});

/** The rules between the members of an outcome, a report's or a finish's. */
export function refuseContradictions(
  report: Pick<
    z.output<typeof outcomeFields>,
    'status' | 'error_class' | 'cost_usd' | 'cost_source' | 'usage' | 'usage_by_model' | 'usage_state'
  >,
  context: z.RefinementCtx,
): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (report.error_class && report.status !== 'failed') {
    refuse('error_class', 'belongs to failed outcomes only');
  }
  if (report.cost_usd !== undefined && (report.cost_source === 'unpriced' || report.cost_source === 'none')) {
    refuse('cost_source', `cannot be ${report.cost_source} where cost_usd is given`);
  }
  if (
    report.cost_usd === undefined &&
    (report.cost_source === 'reported' || report.cost_source === 'computed')
  ) {
    refuse('cost_usd', `is missing though cost_source is ${report.cost_source}`);
  }
  if (report.usage_state === 'none' && (report.usage || report.usage_by_model?.length)) {
    refuse('usage_state', 'cannot be none where usage is given');
  }
}

/**
 * One outcome as it is reported, by our runner or any other. Only `task_id`, `task_type`, `status` and
 * `duration_seconds` are asked of a foreign runner; `normalizeOutcome` fills in the rest.
 */
export const outcomeReport = outcomeFields.superRefine(refuseContradictions).meta({ id: 'OutcomeReport' });
export type OutcomeReport = z.output<typeof outcomeReport>;

/** Where a computed cost can come from: an override file, or the library's table. */
export const priceSources = ['prices_file', 'genai_prices'] as const;
export type PriceSource = (typeof priceSources)[number];

/** One attempt's outcome, as it is stored: every rule of `normalizeOutcome` holds. */
export interface TaskMetric extends OutcomeReport {
  /** Only on a cost that we computed, and may compute again. */
  priced_by?: PriceSource[];
  created_at: string;
  usage_state: (typeof usageStates)[number];
  cost_source: (typeof costSources)[number];
}

/**
 * Fills in what a report leaves out. Unknown usage stays absent and unknown cost is `unpriced`, never 0;
 * only an executor that calls no model (`shell`) has no cost to know.
 */
export function normalizeOutcome(report: OutcomeReport, now: string): TaskMetric {
  const usage = report.usage ?? sumUsage(report.usage_by_model);
  const unknown = report.cost_source === 'unpriced' || report.cost_source === 'none';
  const cost = report.cost_usd ?? (unknown ? undefined : sumCost(report.usage_by_model));
  return {
    ...report,
    usage,
    cost_usd: cost,
    created_at: new Date(report.created_at ?? now).toISOString(),
    usage_state: report.usage_state ?? (usage ? 'terminal' : 'none'),
    cost_source: costSourceOf(report, cost),
  };
}

function costSourceOf(report: OutcomeReport, cost: number | undefined): TaskMetric['cost_source'] {
  if (report.cost_source) return report.cost_source;
  if (cost !== undefined) return 'reported';
  return report.executor === 'shell' ? 'none' : 'unpriced';
}

function sumUsage(byModel: ModelUsage[] | undefined): UsageTotals | undefined {
  if (!byModel?.length) return undefined;
  const sum = (pick: (usage: ModelUsage) => number) =>
    byModel.reduce((total, usage) => total + pick(usage), 0);
  return {
    input_uncached: sum((usage) => usage.input_uncached),
    cache_read: sum((usage) => usage.cache_read),
    cache_write: sum((usage) => usage.cache_write),
    output: sum((usage) => usage.output),
    reasoning: byModel.some((usage) => usage.reasoning !== undefined)
      ? sum((usage) => usage.reasoning ?? 0)
      : undefined,
  };
}

/** The sum over models, only if each has a price: a part of a cost is not the cost. */
function sumCost(byModel: ModelUsage[] | undefined): number | undefined {
  if (!byModel?.length || byModel.some((usage) => usage.cost_usd === undefined)) return undefined;
  return byModel.reduce((total, usage) => total + (usage.cost_usd ?? 0), 0);
}

/** The labels of an outcome, before the bounds are applied. */
export function outcomeLabels(metric: TaskMetric): OutcomeLabels {
  const { project, task_type, executor } = metric;
  return { project, task_type, model: foldModelName(metric.model), executor, variant: variantLabel(metric) };
}
