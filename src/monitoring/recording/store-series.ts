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
  const operation = earliest.includes(metric) ? 'min' : 'max';
  return {
    record: `${labels.join('_')}:${metric.name}:${operation}`,
    expr: `${operation} by (${labels.join(', ')}) (${metric.name})`,
    help: metric.help,
  };
});
