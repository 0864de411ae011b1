import { isOfficeHour, minutesPerDay } from '../calendar.ts';
import { matches } from '../work.ts';
import type { PipelineState, SimulatedTask } from './state.ts';

/** Somebody answers within the hours after, in working hours; unless it is forgotten. */
export function askForDecision(state: PipelineState, task: SimulatedTask): void {
  const { faults, minute, random, decisions } = state;
  const forgotten = faults.active('undecided', minute).find(({ where }) => matches(task.work, where));
  const answered_at = forgotten
    ? faults.endOf(forgotten)
    : afterOfficeMinutes(minute, 20 + random.exponential(60));
  decisions.push({ task, asked_at: minute, answered_at });
}

export function answerDecisions(state: PipelineState): void {
  const { minute, queue, answered } = state;
  for (const decision of state.decisions) {
    if (decision.answered_at > minute) continue;
    answered.push(decision);
    queue.push({ ...decision.task, queued_at: minute, not_before: minute, spent: 0 });
  }
  state.decisions = state.decisions.filter(({ answered_at }) => answered_at > minute);
}

/** One is sure to be asked for while the fault lasts. */
export function forceDecision(state: PipelineState): void {
  for (const fault of state.faults.active('undecided', state.minute)) {
    const asked = state.decisions.some(({ answered_at }) => answered_at === state.faults.endOf(fault));
    const attempt = state.attempts.find(({ task }) => matches(task.work, fault.where));
    if (!asked && attempt) attempt.ending = 'needs_decision';
  }
}

function afterOfficeMinutes(from: number, minutes: number): number {
  let left = minutes;
  for (let minute = from; minute < from + 7 * minutesPerDay; minute += 1) {
    if (isOfficeHour(minute)) left -= 1;
    if (left <= 0) return minute;
  }
  return from + 7 * minutesPerDay;
}
