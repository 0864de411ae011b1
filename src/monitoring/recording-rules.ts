import { baselineRules } from './recording/baselines.ts';
import { durationRules, durationSeries } from './recording/durations.ts';
import { dailyOutcomeRules, hourlyOutcomeRules, outcomeSeries } from './recording/outcomes.ts';
import { quarterRules } from './recording/quarters.ts';
import type { RecordingRule } from './recording/recording-rule.ts';
import { dailySpendingRules, hourlySpendingRules, spendingSeries } from './recording/spending.ts';
import { storeSeriesRules } from './recording/store-series.ts';
import { weekRules, weekSeries } from './recording/weeks.ts';

export interface RecordingGroup {
  name: string;
  /** How often it is evaluated, where that is not as often as everything. */
  interval?: string;
  /** Each behind those that it reads; at most 20. */
  rules: readonly RecordingRule[];
}

/** The names of the recorded series, for rules and dashboards. */
export const recorded = { ...outcomeSeries, ...spendingSeries, ...durationSeries, ...weekSeries } as const;

/** The recording rules, each group behind those that it reads. */
export const recordingGroups: readonly RecordingGroup[] = [
  { name: 'andon-store', rules: storeSeriesRules },
  { name: 'andon-hour', rules: [...hourlyOutcomeRules, ...hourlySpendingRules] },
  // A day or a week is much to read, and changes little within a minute.
  {
    name: 'andon-day',
    interval: '1m',
    rules: [...dailyOutcomeRules, ...dailySpendingRules, ...durationRules],
  },
  { name: 'andon-quarter', interval: '1m', rules: quarterRules },
  { name: 'andon-week', interval: '1m', rules: [...baselineRules, ...weekRules] },
];

/** Every recording rule, each behind those that it reads. */
export const recordingRules: readonly RecordingRule[] = recordingGroups.flatMap(({ rules }) => rules);
