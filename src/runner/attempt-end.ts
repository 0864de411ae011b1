import { AppError, messageOf } from '../domain/errors.ts';
import type { ErrorClass } from '../domain/outcome.ts';
import type { Interpretation } from '../executors/executor.ts';
import type { AgentRun } from './agent-run.ts';
import type { AttemptState } from './attempt-run.ts';

/**
 * Why an attempt was ended: its time was up, its watchdog bit, it used more than it may, a person said so, the runner
 * stops, or it is no longer ours.
 */
export type EndReason =
  | 'timeout'
  | 'no_first_byte'
  | 'stalled'
  | 'budget'
  | 'cancelled'
  | 'killed'
  | 'superseded';

/** An attempt whose agent could not be started: it used nothing, so there is no cost to know. */
export function failedBefore(message: string, error_class: ErrorClass = 'spawn'): AgentRun {
  return {
    exit: 'none',
    interpretation: {
      status: 'failed',
      error_class,
      error_message: message,
      usage_state: 'none',
      cost_source: 'none',
      billing: 'unknown',
    },
  };
}

/**
 * The class of what went wrong around the agent. What is wrong with the task spends an attempt: the task would come
 * round for ever, and close an executor that does its work. A fault of this machine is the set-up's.
 */
export function classOf(error: unknown): ErrorClass {
  return error instanceof AppError && error.code === 'invalid' ? 'nonzero_exit' : 'spawn';
}

/** A result that was not to be had, though its agent ran: what it used was used. */
export function failedAfter(agent: AgentRun, error: unknown): AgentRun {
  const failure = { error_class: classOf(error), error_message: messageOf(error) };
  return { ...agent, interpretation: { ...agent.interpretation, status: 'failed', ...failure } };
}

/** Our reason to end an attempt stands over what the agent's exit looks like; what it used was used all the same. */
export function overrule(interpretation: Interpretation, state: AttemptState): Interpretation {
  if (!state.endReason) return interpretation;
  // A limit of the provider's that was met on the way has no say any more.
  const { retry_at: _, ...rest } = interpretation;
  const { error_class, error_message } = endOf(state.endReason, state);
  return { ...rest, status: 'failed', error_class, error_message };
}

function endOf(reason: EndReason, state: AttemptState): { error_class: ErrorClass; error_message: string } {
  const { task } = state.claimed;
  const { limits } = state.context;
  switch (reason) {
    case 'timeout':
      return { error_class: reason, error_message: `took longer than ${task.timeout_seconds} s` };
    case 'no_first_byte':
      return { error_class: reason, error_message: `no output within ${limits.firstByteSeconds} s` };
    case 'stalled':
      return { error_class: reason, error_message: `silent for ${limits.stallSeconds} s` };
    case 'budget':
      return { error_class: reason, error_message: `went over ${describeCaps(task)}` };
    case 'cancelled':
      return { error_class: reason, error_message: 'cancelled while it ran' };
    case 'killed':
      return { error_class: reason, error_message: 'the runner stopped' };
    case 'superseded':
      return { error_class: 'killed', error_message: 'the task was given to another attempt' };
  }
}

function describeCaps({ max_cost_usd, max_turns }: { max_cost_usd?: number; max_turns?: number }): string {
  const caps = [
    max_cost_usd !== undefined && `max_cost_usd ${max_cost_usd}`,
    max_turns !== undefined && `max_turns ${max_turns}`,
  ];
  return caps.filter(Boolean).join(' or ');
}
