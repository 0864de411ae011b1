import { ledgerMetrics, type MetricDefinition, storeGauges } from '../../telemetry/names.ts';
import type { RecordingRule } from './recording-rule.ts';

/** Of a time since when something waits the earliest says most; of everything else the largest is the newest. */
const earliest: readonly MetricDefinition[] = [
  storeGauges.oldest_pending,
  storeGauges.oldest_started,
  storeGauges.oldest_progress,
  storeGauges.oldest_decision,
  storeGauges.oldest_improvement,
];

/**
 * The store's series once each, however many replicas export them and whatever labels an operator adds: what a
 * dashboard can count and sum without knowing of either.
 */
export const storeSeriesRules: readonly RecordingRule[] = [
  ...Object.values<MetricDefinition>(ledgerMetrics),
  ...Object.values<MetricDefinition>(storeGauges),
].map((metric) => {
  const labels = ['job', ...metric.labels];
  return {
    record: storeSeriesName(metric),
    expr: `${operationOf(metric)} by (${labels.join(', ')}) (${metric.name})`,
    help: metric.help,
  };
});

/** What a metric of the store's is recorded as. */
export function storeSeriesName(metric: MetricDefinition): string {
  return `${['job', ...metric.labels].join('_')}:${metric.name}:${operationOf(metric)}`;
}

function operationOf(metric: MetricDefinition): 'min' | 'max' {
  return earliest.includes(metric) ? 'min' : 'max';
}
