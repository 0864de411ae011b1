import {
  ledgerMetrics,
  type MetricDefinition,
  outcomeLabelNames,
  taskHistograms,
} from '../../telemetry/names.ts';
import { grew } from '../grew.ts';
import { enclose } from '../promql.ts';
import type { RecordingRule } from './recording-rule.ts';
import { storeSeriesName } from './store-series.ts';

/** What each quarter of an hour came to, with every label of outcomes: the names of the series. */
export const quarterSeries = {
  finished: grownName(ledgerMetrics.tasks_finished),
  cost: grownName(ledgerMetrics.cost_usd),
  unpriced: grownName(ledgerMetrics.unpriced_attempts),
  times: { duration: timesName(taskHistograms.duration), queue: timesName(taskHistograms.queue) },
} as const;

function grownName({ name, labels }: MetricDefinition): string {
  return `${labels.join('_')}:${name.replace(/_total$/, '')}:grew15m`;
}

function timesName({ name }: MetricDefinition): string {
  return `${outcomeLabelNames.join('_')}_le:${name}_bucket:increase15m`;
}

/**
 * Quarters that are added up, `sum_over_time(…[7d:15m])`, are a few hundred samples of a week for each series, where the raw
 * ones are forty thousand: what compares variants over weeks reads these.
 */
export const quarterRules: readonly RecordingRule[] = [
  grownRule(
    ledgerMetrics.tasks_finished,
    'Tasks that came to their final outcome in the last quarter of an hour.',
  ),
  grownRule(ledgerMetrics.cost_usd, 'US dollars of the last quarter of an hour, as far as they are known.'),
  grownRule(
    ledgerMetrics.unpriced_attempts,
    'Attempts of the last quarter of an hour whose cost is not known.',
  ),
  timesRule(
    taskHistograms.duration,
    'How many attempts of the last quarter of an hour took no longer, by bucket.',
  ),
  timesRule(taskHistograms.queue, 'How many attempts that began in it had waited no longer, by bucket.'),
];

function grownRule(metric: MetricDefinition, help: string): RecordingRule {
  const expr = `sum by (${metric.labels.join(', ')}) ${enclose(grew(storeSeriesName(metric), '15m'))}`;
  return { record: grownName(metric), expr, help };
}

/** The histograms are of single processes. */
function timesRule(metric: MetricDefinition, help: string): RecordingRule {
  const by = [...outcomeLabelNames, 'le'].join(', ');
  return { record: timesName(metric), expr: `sum by (${by}) (increase(${metric.name}_bucket[15m]))`, help };
}
