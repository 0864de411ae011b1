import type { Baseline } from './recording/baselines.ts';
import type { UsageObjectives } from './usage-objectives.ts';

/**
 * The last hour against the largest hour of a usual day, as PromQL; its value is what the last hour came to. Many times
 * little is still little, so that there is a floor for the rise and one for the amount.
 */
export function spikeExpr({ now, usual, days }: Baseline, objectives: UsageObjectives['cost_spike']): string {
  const { times, rise, amount, active_days } = objectives;
  return [
    `(${now} > ${amount})`,
    'and on (project)',
    `(${now} > ${times} * ${usual})`,
    'and on (project)',
    `(${now} - ${usual} > ${rise})`,
    'and on (project)',
    `(${days} >= ${active_days})`,
  ].join('\n');
}

/** What the largest hour of a usual day comes to, as a template that asks Prometheus; `show` is a template function. */
export function usualAmount({ usual }: Baseline, show: string): string {
  return `{{ with printf "${usual}{project=%q}" $labels.project | query }}{{ . | first | value | ${show} }}{{ end }}`;
}
