import type { Baseline } from './recording/baselines.ts';
import type { UsageObjectives } from './usage-objectives.ts';

/**
 * The last hour against the hours with work of a week, as PromQL; its value is what the last hour came to. The
 * deviation has a floor, else any hour of an even week would be a spike; and there is one for the amount and for how
 * often the mean it is, else small change would be.
 */
export function spikeExpr(
  { now, mean, deviation, hours }: Baseline,
  objectives: UsageObjectives['cost_spike'],
): string {
  const { deviations, least_deviation, times, amount, active_hours } = objectives;
  return [
    `(${now} > ${amount})`,
    'and on (project)',
    `((${now} - ${mean}) / clamp_min(${deviation}, ${least_deviation}) > ${deviations})`,
    'and on (project)',
    `(${now} > ${times} * ${mean})`,
    'and on (project)',
    `(${hours} >= ${active_hours})`,
  ].join('\n');
}

/** What an hour with work comes to on average, as a template that asks Prometheus; `format` is a printf verb. */
export function usualAmount({ mean }: Baseline, show: string): string {
  return `{{ with printf "${mean}{project=%q}" $labels.project | query }}{{ . | first | value | ${show} }}{{ end }}`;
}
