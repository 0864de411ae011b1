import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { serverSeries } from '../../src/monitoring/dashboards/self/server-series.ts';
import { recordingRules } from '../../src/monitoring/recording-rules.ts';
import { alertLabels, allMetrics, type MetricDefinition } from '../../src/telemetry/names.ts';

/** Which labels a target's series have besides their own. */
const scraped: Readonly<Record<MetricDefinition['from'], readonly string[]>> = {
  store: ['job', 'instance'],
  service: ['job', 'instance'],
  runner: ['job', 'instance', 'runner'],
};

/** Every series that dashboards may read, with its labels. */
export const knownSeries: ReadonlyMap<string, readonly string[]> = new Map([
  ...allMetrics.flatMap(exported),
  ...recordingRules.map(({ record }): [string, string[]] => [record, levelOf(record)]),
  ...Object.values(serverSeries).map(({ name, labels }): [string, readonly string[]] => [name, labels]),
  ['ALERTS', [...alertSeriesLabels(), 'alertstate']],
  ['ALERTS_FOR_STATE', alertSeriesLabels()],
]);

function exported({ name, type, labels, from }: MetricDefinition): [string, string[]][] {
  const all = [...labels, ...scraped[from]];
  if (type !== 'histogram') return [[name, all]];
  return [
    [`${name}_bucket`, [...all, 'le']],
    [`${name}_count`, all],
    [`${name}_sum`, all],
  ];
}

/** The labels of a recorded series are the first part of its name. */
function levelOf(record: string): string[] {
  const [level = ''] = record.split(':');
  const labels = new Set(['job', 'le', ...allMetrics.flatMap(({ labels }) => labels)]);
  const longestFirst = [...labels].sort((a, b) => b.length - a.length).join('|');
  return level.match(new RegExp(`(?<=^|_)(?:${longestFirst})(?=_|$)`, 'g')) ?? [];
}

function alertSeriesLabels(): string[] {
  return ['alertname', ...Object.values(alertLabels), ...alertDeclarations.flatMap(({ subject }) => subject)];
}
