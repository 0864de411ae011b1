import type { ErrorClass } from '../../domain/outcome.ts';
import type { PipelineState } from './state.ts';

/** Half a minute, doubled with each pause in a row, an hour at most. */
function backoffMinutes(inRow: number): number {
  return Math.min(60, 0.5 * 2 ** (inRow - 1));
}

/** A limit names when it ends; an overloaded provider is tried again later and later. */
export function pauseAfter(state: PipelineState, executor: string, reason: ErrorClass): void {
  const { faults, minute, pauses } = state;
  const before = pauses.get(executor);
  // What was under way and fails too is not a further one.
  if (before && before.until > minute) return;
  const in_row = (before?.in_row ?? 0) + 1;
  const limit = faults.active('limit', minute).find((fault) => fault.executor === executor);
  const until = limit && reason === 'rate_limited' ? faults.endOf(limit) : minute + backoffMinutes(in_row);
  pauses.set(executor, { reason, until, in_row });
}
