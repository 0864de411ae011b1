import { arrivalRate, matches, type Work, works } from '../work.ts';
import type { PipelineState, SimulatedTask } from './state.ts';

/** People queue a few at a time. */
const together = 1.5;

/** The tasks that come in this minute. */
export function arrive(state: PipelineState): void {
  const { faults, minute, random } = state;
  for (const work of works) {
    const times = faults
      .active('arrivals', minute)
      .filter(({ where }) => matches(work, where))
      .reduce((product, fault) => product * fault.times, 1);
    const groups = random.poisson((arrivalRate(work, minute) * times) / together);
    for (let group = 0; group < groups; group += 1) {
      queueTasks(state, work, 1 + (random.chance(0.35) ? random.integer(1, 2) : 0));
    }
  }
  for (const { where, tasks } of faults.beginning('batch', minute)) {
    const meant = works.filter((work) => matches(work, where));
    for (let count = 0; count < tasks; count += 1) queueTasks(state, random.pick(meant), 1);
  }
}

function queueTasks(state: PipelineState, work: Work, count: number): void {
  for (let index = 0; index < count; index += 1) queueTask(state, { work });
}

/** One that comes now. */
export function queueTask(
  { queue, minute }: PipelineState,
  task: Pick<SimulatedTask, 'work' | 'spree'>,
): void {
  queue.push({ ...task, queued_at: minute, not_before: minute, spent: 0 });
}
