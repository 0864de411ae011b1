import type { Interpretation } from '../executors/executor.ts';
import type { AgentRun } from './agent-run.ts';

/** Why an attempt was ended: its time was up, a person said so, the runner stops, or it is no longer ours. */
export type EndReason = 'timeout' | 'cancelled' | 'killed' | 'superseded';

/** An attempt whose agent could not be started: it used nothing, so there is no cost to know. */
export function failedBefore(message: string): AgentRun {
  return {
    exit: 'none',
    interpretation: {
      status: 'failed',
      error_class: 'spawn',
      error_message: message,
      usage_state: 'none',
      cost_source: 'none',
      billing: 'unknown',
    },
  };
}

/** Our reason to end an attempt stands over what the agent's exit looks like; what it used was used all the same. */
export function overrule(
  interpretation: Interpretation,
  reason: EndReason | undefined,
  timeoutSeconds: number,
): Interpretation {
  const failed = { ...interpretation, status: 'failed' } as const;
  switch (reason) {
    case undefined:
      return interpretation;
    case 'timeout':
      return { ...failed, error_class: 'timeout', error_message: `took longer than ${timeoutSeconds} s` };
    case 'cancelled':
      return { ...failed, error_class: 'cancelled', error_message: 'cancelled while it ran' };
    case 'killed':
      return { ...failed, error_class: 'killed', error_message: 'the runner stopped' };
    case 'superseded':
      return {
        ...failed,
        error_class: 'killed',
        error_message: 'the task was given to another attempt',
      };
  }
}
