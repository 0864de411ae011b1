import type { Logger } from 'pino';
import { AppError, messageOf } from '../domain/errors.ts';
import type { RunningAttempt } from './attempt-run.ts';
import type { Pause } from './backoff.ts';
import type { ServiceClient } from './service-client.ts';

/**
 * Keeps an attempt's lease alive until the signal, three heartbeats to a lease, and ends the attempt when the service
 * says that it is cancelled or no longer ours. A service that cannot be reached ends nothing: leases stand still
 * while it is down.
 */
export async function keepLease(
  attempt: RunningAttempt,
  options: { client: ServiceClient; signal: AbortSignal; pause: Pause; logger: Logger },
): Promise<void> {
  const interval = (attempt.claimed.lease_seconds * 1000) / 3;
  for (;;) {
    await options.pause(interval, options.signal);
    if (options.signal.aborted) return;
    if (!(await beat(attempt, options))) return;
  }
}

/** One heartbeat; false if there is no lease left to keep. */
async function beat(
  attempt: RunningAttempt,
  { client, logger }: { client: ServiceClient; logger: Logger },
): Promise<boolean> {
  const { task, lease_token } = attempt.claimed;
  try {
    const answer = await client.heartbeat(task.id, {
      lease_token,
      seconds_since_progress: attempt.secondsSinceProgress(),
    });
    if (answer.cancel) attempt.end('cancelled');
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'conflict' || error.code === 'not_found')) {
      logger.warn(`the attempt is no longer ours: ${error.message}`);
      attempt.end('superseded');
      return false;
    }
    logger.debug(`heartbeat: ${messageOf(error)}`);
    return true;
  }
}
