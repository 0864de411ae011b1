import type { ErrorClass } from './outcome.ts';
import { faultOf } from './outcome.ts';
import type { Task, TaskStatus } from './task.ts';

/** What becomes of a task when an attempt has ended. */
export interface Disposition {
  status: TaskStatus;
  /** True if the attempt's outcome is the task's. */
  final: boolean;
  /** True if the attempt counts against `max_attempts`. */
  spent: boolean;
  /** Seconds before the next attempt may begin; only with `pending`. */
  backoff_seconds?: number;
}

/** Seconds of back-off after the first failure; doubled after each, up to `longest`. */
export interface Backoff {
  first_seconds: number;
  longest_seconds: number;
}

/** What an attempt came to, as far as it decides what happens next. */
export interface AttemptEnd {
  status: 'completed' | 'failed';
  error_class?: ErrorClass;
  decision_prompt?: string;
  hand_back?: boolean;
  /** True if a person has asked to cancel: what would go on ends instead. */
  cancel_requested?: boolean;
}

/** The table "What a failure means" of the design, line by line. */
export function dispositionOf(
  task: Pick<Task, 'attempt' | 'attempts_spent' | 'max_attempts'>,
  end: AttemptEnd,
  backoff: Backoff,
): Disposition {
  const disposition = withoutCancellation(task, end, backoff);
  if (end.cancel_requested && !disposition.final) return { status: 'cancelled', final: true, spent: true };
  return disposition;
}

function withoutCancellation(
  task: Pick<Task, 'attempt' | 'attempts_spent' | 'max_attempts'>,
  end: AttemptEnd,
  backoff: Backoff,
): Disposition {
  if (end.hand_back) return { status: 'pending', final: false, spent: false, backoff_seconds: 0 };
  if (end.decision_prompt) return { status: 'needs_decision', final: false, spent: false };
  if (end.status === 'completed') return { status: 'completed', final: true, spent: true };
  const retry = { status: 'pending', final: false } as const;
  switch (end.error_class && faultOf[end.error_class]) {
    // The pause of its executor is what it waits for.
    case 'provider':
      return { ...retry, spent: false, backoff_seconds: 0 };
    // Twice as long as its executor is closed for, so that one bad task does not keep the others from running.
    case 'set_up':
      return { ...retry, spent: false, backoff_seconds: backoffDelay(backoff, task.attempt) };
    case 'ours':
      return {
        status: end.error_class === 'cancelled' ? 'cancelled' : 'failed',
        final: true,
        spent: true,
      };
    default:
      if (task.attempts_spent + 1 >= task.max_attempts) return { status: 'failed', final: true, spent: true };
      // A runner's death says nothing about the task: it is taken up again at once.
      return {
        ...retry,
        spent: true,
        backoff_seconds: end.error_class === 'lost' ? 0 : backoffDelay(backoff, task.attempt),
      };
  }
}

/**
 * How long after its lease the last attempt of a task may still report, in seconds, unless the settings say: nobody
 * else will take the task, and a network that was away must not discard finished work.
 */
export const lastAttemptGrace = 900;

/** Seconds to wait after the failure with this number, from 1. */
export function backoffDelay({ first_seconds, longest_seconds }: Backoff, failures: number): number {
  return Math.min(longest_seconds, first_seconds * 2 ** Math.min(30, Math.max(0, failures - 1)));
}
