import type { Logger } from 'pino';
import type { ClaimedTask, FinishAnswer, FinishRequest } from '../domain/attempt.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { longestDuration } from '../domain/outcome.ts';
import { plainHead } from '../executors/process-end.ts';
import type { AttemptResult } from './attempt-run.ts';
import { backoffDelay, pause } from './backoff.ts';
import type { ServiceClient } from './service-client.ts';

/** The longest message that a finish takes. */
const longestMessage = 4096;

/** A result as the service takes it. */
export function finishRequest(
  claimed: ClaimedTask,
  result: AttemptResult,
  options: { durationObserved: boolean },
): FinishRequest {
  const { error_message, text: _, model, ...outcome } = result.interpretation;
  return {
    lease_token: claimed.lease_token,
    attempt: claimed.attempt,
    outcome: {
      ...outcome,
      duration_seconds: Math.min(longestDuration, result.duration_seconds),
      duration_observed: options.durationObserved,
      // Where the task asked for a model, that is its label.
      ...(claimed.task.model === 'default' && { model }),
    },
    error_message: error_message && plainHead(error_message, longestMessage),
    hand_back: result.endReason === 'killed' ? true : undefined,
    log_tail: result.log_tail,
  };
}

/**
 * Reports a finish until the service takes or refuses it; undefined if it is refused, or if `giveUp` comes first.
 * Whatever is not recorded is logged.
 */
export async function reportFinish(
  taskId: string,
  request: FinishRequest,
  options: { client: ServiceClient; giveUp: AbortSignal; random: () => number; logger: Logger },
): Promise<FinishAnswer | undefined> {
  for (let tries = 1; ; tries += 1) {
    const last = options.giveUp.aborted;
    try {
      return await options.client.finish(taskId, request);
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'internal';
      if (code === 'conflict' || code === 'not_found') {
        options.logger.warn(`the outcome does not count: ${messageOf(error)}`);
        return undefined;
      }
      if (code !== 'unavailable') {
        options.logger.error({ err: error }, `the outcome was refused, and is lost: ${messageOf(error)}`);
        return undefined;
      }
      if (last) {
        options.logger.error(`the outcome could not be reported, and is lost: ${messageOf(error)}`);
        return undefined;
      }
      if (tries === 1) options.logger.warn(`the outcome waits: ${messageOf(error)}`);
    }
    const { random } = options;
    await pause(backoffDelay(tries, { first: 500, longest: 30_000, random }), options.giveUp);
  }
}
