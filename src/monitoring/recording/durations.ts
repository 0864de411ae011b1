import { taskHistograms } from '../../telemetry/names.ts';
import type { RecordingRule } from './recording-rule.ts';

/** How long attempts take: the names of the series. */
export const durationSeries = {
  p50: 'project_task_type:agent_task_duration_seconds:p50_1d',
  p95: 'project_task_type:agent_task_duration_seconds:p95_1d',
} as const;

const { name } = taskHistograms.duration;

/** As few as let one be expected beyond the quantile: of one attempt within a minute p95 would be 57 s. */
export const durationRules: readonly RecordingRule[] = [
  {
    record: durationSeries.p50,
    expr: quantile(0.5, 4),
    help: 'Half of the attempts of the last 24 hours took no longer, in seconds; of 4 attempts or more.',
  },
  {
    record: durationSeries.p95,
    expr: quantile(0.95, 20),
    help: '95 % of the attempts of the last 24 hours took no longer, in seconds; of 20 attempts or more.',
  },
];

/** The histograms are of single processes, so that they are summed, and begin again with each process. */
function quantile(share: number, least: number): string {
  return [
    `histogram_quantile(${share}, sum by (project, task_type, le) (increase(${name}_bucket[1d])))`,
    'and on (project, task_type)',
    `(sum by (project, task_type) (increase(${name}_count[1d])) >= ${least})`,
  ].join('\n');
}
