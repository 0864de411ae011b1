import type { RecordingRule } from './recording-rule.ts';
import { spendingSeries } from './spending.ts';

/** What is usual for a project in an hour: the names of the series that say it. */
export interface Baseline {
  /** What the hour that has just passed came to. */
  now: string;
  /** What the largest hour of a usual day came to. */
  usual: string;
  /** Of how many days that is known. */
  days: string;
}

export const baselines = {
  cost: baselineOf('project:agent_task_cost_usd', spendingSeries.paid1h),
  tokens: baselineOf('project:agent_task_tokens', spendingSeries.newTokens1h),
} as const satisfies Record<string, Baseline>;

function baselineOf(name: string, now: string): Baseline {
  return { now, usual: `${name}:usual_peak_hour7d`, days: `${name}:active_days7d` };
}

/**
 * The median, over the days of a week on which anything was spent, of the largest hour of each. Idle nights, weekends and
 * mornings do not lower it, what is done in one hour of every day is part of it, and one bad day does not raise it, as it
 * would a mean and a standard deviation. Days are those of UTC; today is not among them.
 */
export const baselineRules: readonly RecordingRule[] = [
  ...rulesOf(baselines.cost, 'US dollars paid'),
  ...rulesOf(baselines.tokens, 'Tokens, without those read from a cache,'),
];

function rulesOf({ now, usual, days }: Baseline, what: string): RecordingRule[] {
  const peaks = `(max_over_time(${now}[1d:1h]) > 0)[7d:1d]`;
  return [
    {
      record: usual,
      expr: `quantile_over_time(0.5, ${peaks})`,
      help: `${what} in the largest hour of a usual day: the median of the last 7 days with work.`,
    },
    {
      record: days,
      expr: `count_over_time(${peaks})`,
      help: 'How many of the last 7 days had work that used any.',
    },
  ];
}
