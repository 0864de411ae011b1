import { z } from 'zod';
import { type Backoff, backoffDelay } from './disposition.ts';
import { type ErrorClass, errorClasses, faultOf } from './outcome.ts';

/**
 * Why an executor gets no tasks. A provider's limit pauses it for every runner until a time; a fault of a runner's
 * set-up closes it for that runner, until its probe passes or a person opens it.
 */
export const executorHold = z
  .object({
    executor: z.string(),
    runner: z.string().optional().meta({ description: 'For whom; for every runner, if absent.' }),
    state: z.enum(['paused', 'closed']),
    reason: z.string().meta({ description: 'The error class, and the CLI’s own words behind it.' }),
    since: z.string(),
    until: z.string().optional().meta({
      description: 'When a pause ends; of a closed one, before when a probe that passes does not open it.',
    }),
  })
  .meta({ id: 'ExecutorHold' });
export type ExecutorHold = z.infer<typeof executorHold>;

/** The error classes that hold an executor. */
export const holdClasses: readonly ErrorClass[] = errorClasses.filter((name) =>
  ['provider', 'set_up'].includes(faultOf[name]),
);

/** The error class of a hold, from its reason. */
export function holdClass(reason: string): string {
  return reason.split(':', 1)[0] ?? '';
}

/** A pause is never longer than this, whatever a CLI's message was taken to say. */
const longestPauseSeconds = 7 * 24 * 3600;

/** Whatever tasks wait for: one that is tried again at once must not have its provider asked again at once. */
const shortestBackoff: Backoff = { first_seconds: 1, longest_seconds: 60 };

/**
 * The hold that a failed attempt asks for; undefined if its executor may go on. `holdsBefore` is how many holds of
 * that kind there were in a row, for the back-off: of a limit that names no time, and of a set-up whose probe passes
 * though attempts fail. The first probe counts at once, since the set-up may just have been put right.
 */
export function holdAfter(
  end: {
    executor: string;
    runner: string;
    error_class?: ErrorClass;
    error_message?: string;
    retry_at?: string;
  },
  options: { now: number; backoff: Backoff; holdsBefore: number },
): ExecutorHold | undefined {
  const fault = end.error_class && faultOf[end.error_class];
  if (fault !== 'provider' && fault !== 'set_up') return undefined;
  const { now, holdsBefore } = options;
  const backoff = {
    first_seconds: Math.max(shortestBackoff.first_seconds, options.backoff.first_seconds),
    longest_seconds: Math.max(shortestBackoff.longest_seconds, options.backoff.longest_seconds),
  };
  const reason = [end.error_class, end.error_message?.slice(0, 300)].filter(Boolean).join(': ');
  const hold = { executor: end.executor, reason, since: new Date(now).toISOString() };
  if (fault === 'set_up') {
    const until = new Date(now + backoffDelay(backoff, holdsBefore) * 1000).toISOString();
    return { ...hold, runner: end.runner, state: 'closed', ...(holdsBefore > 0 && { until }) };
  }
  const delay = backoffDelay(backoff, holdsBefore + 1);
  const named = end.retry_at === undefined ? Number.NaN : Date.parse(end.retry_at);
  const until = Number.isNaN(named) || named <= now ? now + delay * 1000 : named;
  const latest = now + longestPauseSeconds * 1000;
  return { ...hold, state: 'paused', until: new Date(Math.min(until, latest)).toISOString() };
}
