import type { RecordingRule } from './recording-rule.ts';
import { spendingSeries } from './spending.ts';

/** What is usual in an hour: the names of the series that describe it. */
export interface Baseline {
  /** What the hour that has just passed is measured by. */
  now: string;
  mean: string;
  deviation: string;
  hours: string;
}

/** What a project pays, and the tokens that it uses, in an hour in which it works. */
export const baselines = {
  cost: baselineOf('project:agent_task_cost_usd', spendingSeries.paid1h),
  tokens: baselineOf('project:agent_task_tokens', spendingSeries.newTokens1h),
} as const satisfies Record<string, Baseline>;

function baselineOf(name: string, now: string): Baseline {
  return {
    now,
    mean: `${name}:active_hour_mean7d`,
    deviation: `${name}:active_hour_stddev7d`,
    hours: `${name}:active_hours7d`,
  };
}

/**
 * Only hours in which something was spent: idle nights and weekends would make every working hour a spike. It ends a
 * day ago, so that what lasts does not become usual while it is looked at.
 */
export const baselineRules: readonly RecordingRule[] = [
  ...rulesOf(baselines.cost, 'US dollars paid'),
  ...rulesOf(baselines.tokens, 'tokens, without those read from a cache,'),
];

function rulesOf({ now, mean, deviation, hours }: Baseline, what: string): RecordingRule[] {
  const activeHours = `(${now} > 0)[7d:1h] offset 1d`;
  const when = 'in the 7 days up to yesterday';
  return [
    {
      record: mean,
      expr: `avg_over_time(${activeHours})`,
      help: `Mean of ${what} in an hour with work, ${when}.`,
    },
    {
      record: deviation,
      expr: `stddev_over_time(${activeHours})`,
      help: `Standard deviation of ${what} in an hour with work, ${when}.`,
    },
    { record: hours, expr: `count_over_time(${activeHours})`, help: `How many hours these are of.` },
  ];
}
