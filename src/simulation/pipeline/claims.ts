import type { ErrorClass } from '../../domain/outcome.ts';
import { runnerCounters } from '../../telemetry/names.ts';
import { matches } from '../work.ts';
import {
  type Ending,
  hit,
  type PipelineState,
  pausedFor,
  type SimulatedRunner,
  type SimulatedTask,
  timeLimit,
  workersPerRunner,
} from './state.ts';

/** Runners ask every two seconds while they have a worker to spare. */
const claimsPerMinute = 30;
/** The share of attempts that fail on an ordinary day, and of what. */
const usualFailures = 0.08;
const usualClasses: readonly ErrorClass[] = [
  'verify_failed',
  'verify_failed',
  'verify_failed',
  'nonzero_exit',
  'nonzero_exit',
  'no_change',
  'stalled',
];
const usualDecisions = 0.006;

/** Every runner that lives takes what it may, the oldest first. */
export function claim(state: PipelineState): void {
  for (const runner of state.runners) {
    if (!runner.alive) continue;
    const counter = (result: string) =>
      state.table.counter(`runner:${runner.id}`, runnerCounters.claims.name, { runner: runner.id, result });
    let free = workersPerRunner - state.attempts.filter((attempt) => attempt.runner === runner.id).length;
    const taken = state.queue.filter((task) => free > 0 && mayRun(state, runner, task) && free-- > 0);
    state.queue = state.queue.filter((task) => !taken.includes(task));
    for (const task of taken) start(state, runner, task);
    counter('tasks').value += taken.length;
    counter('empty').value += free > 0 ? claimsPerMinute - taken.length : 0;
  }
}

function mayRun(state: PipelineState, runner: SimulatedRunner, { work, not_before }: SimulatedTask): boolean {
  const { faults, minute } = state;
  return (
    not_before <= minute &&
    pausedFor(state, work.executor) === undefined &&
    !runner.closed.has(work.executor) &&
    !hit(
      state,
      faults.active('unclaimed', minute).find(({ where }) => matches(work, where)),
    )
  );
}

function start(state: PipelineState, runner: SimulatedRunner, task: SimulatedTask): void {
  const { minute } = state;
  const { ending, minutes } = plan(state, task);
  state.attempts.push({
    task,
    runner: runner.id,
    started_at: minute,
    ends_at: minute + Math.max(1, Math.round(minutes)),
    ending,
    progress_at: minute,
  });
}

function plan(state: PipelineState, { work }: SimulatedTask): { ending: Ending; minutes: number } {
  const { faults, minute, random } = state;
  const of = (executor: string) => executor === work.executor;
  if (
    hit(
      state,
      faults.active('auth', minute).find(({ executor }) => of(executor)),
    )
  ) {
    return { ending: 'auth', minutes: 1 };
  }
  if (
    hit(
      state,
      faults.active('limit', minute).find(({ executor }) => of(executor)),
    )
  ) {
    return { ending: 'rate_limited', minutes: 1 };
  }
  if (
    hit(
      state,
      faults.active('overload', minute).find(({ executor }) => of(executor)),
    )
  ) {
    return { ending: 'overloaded', minutes: 1 };
  }
  if (
    hit(
      state,
      faults.active('hang', minute).find(({ where }) => matches(work, where)),
    )
  ) {
    return { ending: 'timeout', minutes: timeLimit };
  }
  const minutes = random.lognormal(work.minutes, 0.5);
  if (minutes > timeLimit) return { ending: 'timeout', minutes: timeLimit };
  return { ending: usualEnding(state), minutes };
}

function usualEnding({ random }: PipelineState): Ending {
  if (random.chance(usualFailures)) return random.pick(usualClasses);
  return random.chance(usualDecisions) ? 'needs_decision' : 'completed';
}
