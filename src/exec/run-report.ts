import { toRfc3339 } from '../domain/clock.ts';
import { labelValue } from '../domain/labels.ts';
import { longestDuration, type OutcomeReport } from '../domain/outcome.ts';
import type { Interpretation, ProcessEnd } from '../executors/executor.ts';
import { maskText } from '../runner/secret-mask.ts';
import type { Secrets } from '../runner/secrets.ts';
import type { RunEnd } from './measured-run.ts';
import type { RunTags } from './run-tags.ts';

/** The executor and the model of a command that is no CLI we know. */
export const unknown = 'unknown';

/** A run as `POST /api/agent/metrics` takes it. */
export function runReport(of: {
  tags: RunTags;
  executor: string;
  interpretation: Interpretation;
  duration_seconds: number;
  created_at?: number;
  /** The model that the command line asks for, if it is a known CLI's. */
  askedModel?: string | undefined;
  secrets: Secrets;
}): OutcomeReport {
  const { tags, interpretation } = of;
  const asked = labelValue.safeParse(of.askedModel).data;
  // As the user names it, if they do.
  const model = tags.model ?? labelValue.safeParse(interpretation.model).data ?? asked ?? unknown;
  return {
    ...tags,
    executor: of.executor,
    model,
    requested_model: asked !== undefined && asked !== model ? asked : undefined,
    final: true,
    duration_seconds: Math.min(longestDuration, of.duration_seconds),
    created_at: of.created_at === undefined ? undefined : toRfc3339(of.created_at),
    duration_observed: false,
    status: interpretation.status,
    error_class: interpretation.error_class,
    usage_by_model: interpretation.usage_by_model,
    usage: interpretation.usage,
    usage_state: interpretation.usage_state,
    cost_usd: interpretation.cost_usd,
    cost_source: interpretation.cost_source,
    billing: interpretation.billing,
    raw_result: interpretation.raw_result && maskText(interpretation.raw_result, of.secrets),
  };
}

/** What came of a command whose output says nothing to us. */
export function interpretExit({ exitCode }: ProcessEnd): Interpretation {
  const rest = { usage_state: 'none', cost_source: 'unpriced', billing: 'unknown' } as const;
  return exitCode === 0
    ? { status: 'completed', ...rest }
    : { status: 'failed', error_class: 'nonzero_exit', ...rest };
}

/** What came of a command that never ran: it used nothing, so there is no cost to know. */
export const notRun: Interpretation = {
  status: 'failed',
  error_class: 'spawn',
  usage_state: 'none',
  cost_source: 'none',
  billing: 'unknown',
};

/** What ended a run from outside stands over what its failure looks like; one that completed all the same has done so. */
export function overrule(interpretation: Interpretation, { cause, signal }: RunEnd): Interpretation {
  if (cause === 'timeout') return { ...interpretation, status: 'failed', error_class: 'timeout' };
  if (interpretation.status === 'completed') return interpretation;
  const ended = cause === 'signal' || cause === 'reader_gone' || (signal && fromOutside.includes(signal));
  return ended ? { ...interpretation, error_class: 'killed' } : interpretation;
}

/** A person's, or the system's because nobody reads the output any more. */
const fromOutside: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'];

/** One line about a run, for a person. */
export function describeReport(report: OutcomeReport): string {
  const { task_id, executor, model, status, error_class, duration_seconds } = report;
  return [
    `${task_id}: ${executor} ${model}`,
    error_class ? `${status} (${error_class})` : status,
    `${duration_seconds.toFixed(1)} s`,
    describeCost(report),
  ].join(', ');
}

/** As the CLI tells; the service may know a price for the tokens, if it tells of any. */
function describeCost({ cost_usd, cost_source, billing, usage_state }: OutcomeReport): string {
  if (cost_source === 'none') return 'nothing used';
  if (cost_usd === undefined) return usage_state === 'none' ? 'unpriced (no usage told)' : 'no cost told';
  // Rounded, it would read as nothing.
  const amount = cost_usd > 0 && cost_usd < 0.0001 ? 'under $0.0001' : `$${cost_usd.toFixed(4)}`;
  return billing === 'subscription' ? `${amount} (notional)` : amount;
}
