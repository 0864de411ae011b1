import type { OutcomeLabels } from './labels.ts';
import { type ErrorClass, type ExcludedFault, excludedFault, faultOf, type TaskMetric } from './outcome.ts';
import type { Verdict } from './verdict.ts';

/** All that outcomes are told apart by in reports. */
export interface LabelSet extends OutcomeLabels {
  prompt_variant?: string;
  skill_version?: string;
}

/** What else decides in which figures of a report outcomes count. */
export interface OutcomeKind {
  status: TaskMetric['status'];
  final: boolean;
  error_class?: string;
  billing: TaskMetric['billing'];
  cost_source: TaskMetric['cost_source'];
  usage_state: TaskMetric['usage_state'];
}

/** Whole numbers, each a sum over outcomes. The first four count outcomes: all, and those with a verdict. */
export const wholeSums = [
  'count',
  'accepted',
  'rejected',
  'reverted',
  'input_uncached',
  'cache_read',
  'cache_write',
  'output',
  'api_calls',
] as const;
/** Sums over outcomes in seconds and in dollars. */
export const realSums = ['duration_sum', 'cost_usd'] as const;
export const outcomeSums = [...wholeSums, ...realSums] as const;
export type OutcomeSums = Record<(typeof outcomeSums)[number], number>;

/** How many durations there are in slots of `stats/log-buckets.ts`: `counts[i]` in `slots[i]`, which ascend. */
export interface DurationCounts {
  slots: readonly number[];
  counts: readonly number[];
}

/** The outcomes of one kind, in sums that are exact. */
export interface OutcomeFigures extends OutcomeKind, OutcomeSums {}

/** What the outcomes of one label set come to. */
export interface LabelSetOutcomes extends LabelSet {
  kinds: readonly OutcomeFigures[];
  /** How long those took that count in success rates: in parts, to be added up. */
  durations: readonly DurationCounts[];
}

/** The outcomes that share all labels and are of one kind. */
export interface OutcomeGroup extends LabelSet, OutcomeFigures {}

/** The same without their durations, one by one. */
export function groupsOf(sets: readonly LabelSetOutcomes[]): OutcomeGroup[] {
  return sets.flatMap(({ kinds, durations: _, ...labels }) => kinds.map((kind) => ({ ...labels, ...kind })));
}

/** Whose doing it was, of outcomes that are left out of success rates; undefined of those that are not. */
export function excludedOf({ error_class }: Pick<OutcomeKind, 'error_class'>): ExcludedFault | undefined {
  return error_class !== undefined && error_class in faultOf
    ? excludedFault(error_class as ErrorClass)
    : undefined;
}

/** Whether outcomes of a kind count in success rates and times. */
export function countsInSuccess(kind: OutcomeKind): boolean {
  return kind.final && !excludedOf(kind);
}

/** Verdicts on the final completed outcomes; `none` where there is no verdict yet. */
export function countVerdicts(kinds: readonly OutcomeFigures[]): Record<Verdict | 'none', number> {
  const counts = { accepted: 0, rejected: 0, reverted: 0, none: 0 };
  for (const { final, status, count, accepted, rejected, reverted } of kinds) {
    if (!final || status !== 'completed') continue;
    counts.accepted += accepted;
    counts.rejected += rejected;
    counts.reverted += reverted;
    counts.none += count - accepted - rejected - reverted;
  }
  return counts;
}

/** A label set as one string: equal for equal sets, and read back by `labelSetOf`. */
export function labelSetKey(of: LabelSet): string {
  const { project, task_type, model, executor, variant, prompt_variant, skill_version } = of;
  return keyOf(project, task_type, model, executor, variant, prompt_variant, skill_version);
}

export function labelSetOf(key: string): LabelSet {
  const [project = '', task_type = '', model = '', executor = '', variant = '', prompt, skill] = partsOf(key);
  const labels = { project, task_type, model, executor, variant };
  return { ...labels, prompt_variant: prompt, skill_version: skill };
}

/** A kind as one string: equal for equal kinds, and read back by `outcomeKindOf`. */
export function outcomeKindKey(of: OutcomeKind): string {
  const { status, final, error_class, billing, cost_source, usage_state } = of;
  return keyOf(status, final ? '1' : '0', error_class, billing, cost_source, usage_state);
}

export function outcomeKindOf(key: string): OutcomeKind {
  const [status, final, error_class, billing, cost_source, usage_state] = partsOf(key);
  return {
    status: status as OutcomeKind['status'],
    final: final === '1',
    error_class,
    // It was validated before a key was made of it.
    billing: billing as OutcomeKind['billing'],
    cost_source: cost_source as OutcomeKind['cost_source'],
    usage_state: usage_state as OutcomeKind['usage_state'],
  };
}

/** The order of keys: by their parts, one after the other; what is absent comes first. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [i, one = ''] of left.entries()) {
    const other = right[i] ?? '';
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** What is absent is null in JSON. */
function keyOf(...parts: (string | undefined)[]): string {
  return JSON.stringify(parts);
}

function partsOf(key: string): (string | undefined)[] {
  const parts: (string | null)[] = JSON.parse(key);
  return parts.map((part) => part ?? undefined);
}
