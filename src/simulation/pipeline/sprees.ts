import { usageDefaults } from '../../monitoring/usage-objectives.ts';
import { dayOf, minutesPerDay } from '../calendar.ts';
import { matches, tokensPerDollar, works } from '../work.ts';
import { queueTask } from './arrivals.ts';
import type { PipelineState } from './state.ts';

/** So many tasks at once that the workers can take them at once. */
export const spreeTasks = 5;
const daysBack = 7;

/** Tasks that come at once, each of which costs so much that they are a spike of the size that the fault names. */
export function goOnSprees(state: PipelineState): void {
  for (const fault of state.faults.beginning('spree', state.minute)) {
    const { project, size } = fault;
    const kinds = works.filter((work) => matches(work, { project }));
    const usd = (size * spikeFrom(state, project)) / spreeTasks;
    for (let count = 0; count < spreeTasks; count += 1) {
      queueTask(state, { work: state.random.pick(kinds), spree: { fault, usd } });
    }
  }
}

/**
 * What an hour of a project must come to before the docs call it a spike, in US dollars; for a subscription what its
 * tokens would have cost.
 */
function spikeFrom(state: PipelineState, project: string): number {
  const metered = works.some((work) => work.project === project && work.billing === 'metered');
  const { times, rise, amount } = metered ? usageDefaults.cost_spike : usageDefaults.token_spike;
  const unit = metered ? 1 : 1 / tokensPerDollar;
  const usual = usualPeak(state, project);
  return Math.max(amount * unit, times * usual, usual + rise * unit);
}

/** The largest hour of a usual day: the median of those days of the last seven on which anything was spent. */
function usualPeak({ hourly, minute }: PipelineState, project: string): number {
  const hours = hourly.get(project);
  const today = dayOf(minute);
  const peaks = Array.from({ length: daysBack }, (_, back) => {
    const first = ((today - 1 - back) * minutesPerDay) / 60;
    return first < 0 || !hours ? 0 : Math.max(...hours.slice(first, first + 24));
  })
    .filter((peak) => peak > 0)
    .sort((a, b) => a - b);
  const middle = (peaks.length - 1) / 2;
  return ((peaks[Math.floor(middle)] ?? 0) + (peaks[Math.ceil(middle)] ?? 0)) / 2;
}
