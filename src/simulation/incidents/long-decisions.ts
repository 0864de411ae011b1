import { minutesPerDay } from '../calendar.ts';
import type { Incident } from '../incident.ts';
import type { OpenDecision } from '../pipeline/state.ts';

/**
 * A decision that waits for longer than a day is an incident whatever the reason is: nobody has to have forgotten it,
 * a weekend is enough.
 */
export function longDecisions(decisions: readonly OpenDecision[], minutes: number): Incident[] {
  return decisions
    .filter(({ asked_at, answered_at }) => Math.min(minutes, answered_at) - asked_at >= minutesPerDay)
    .map(({ task, asked_at, answered_at }) => ({
      name: 'a decision that waits for days',
      fault: { kind: 'undecided', where: { project: task.work.project } },
      from: asked_at,
      to: Math.min(minutes, answered_at),
      expected: { alert: 'AgentDecisionWaiting', labels: { project: task.work.project } },
      instead: [],
      follows: [],
      tail: 60,
      lingers: [],
      touches: [],
      quiet_minutes: 0,
    }));
}
