import type { ClaimedTask, FinishRequest } from '../domain/attempt.ts';
import { longestDuration } from '../domain/outcome.ts';
import { plainHead } from '../executors/process-end.ts';
import type { AttemptResult } from './attempt-run.ts';
import { maskText } from './secret-mask.ts';
import type { Secrets } from './secrets.ts';

/** The longest message that a finish takes. */
const longestMessage = 4096;

/** A result as the service takes it, without secrets. */
export function finishRequest(
  claimed: ClaimedTask,
  result: AttemptResult,
  options: { durationObserved: boolean; secrets: Secrets },
): FinishRequest {
  const { error_message, text: _, model, retry_at, raw_result, ...outcome } = result.interpretation;
  const mask = (text: string | undefined) => text && maskText(text, options.secrets);
  const message = mask(error_message);
  return {
    lease_token: claimed.lease_token,
    attempt: claimed.attempt,
    outcome: {
      ...outcome,
      duration_seconds: Math.min(longestDuration, result.duration_seconds),
      duration_observed: options.durationObserved,
      raw_result: mask(raw_result),
      model,
    },
    error_message: message && plainHead(message, longestMessage),
    hand_back: result.endReason === 'killed' ? true : undefined,
    retry_at,
    changes: result.work?.changes,
    branch: result.work?.branch,
    log_tail: result.log_tail,
  };
}
