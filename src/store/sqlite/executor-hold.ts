import type { ExecutorHold } from '../../domain/executor-hold.ts';
import type { Step } from './database.ts';
import { text } from './row.ts';

/** The executors that this runner gets no tasks for now: paused, or closed for it. */
export function listHeld(step: Step, runner: string): string[] {
  return step
    .all(
      `SELECT DISTINCT executor FROM executor_holds
       WHERE runner IN ('', $runner) AND (over_at IS NULL OR over_at > $now)`,
      { runner, now: step.now },
    )
    .map((row) => text(row.executor));
}

/** Part of the step that records a failure: one more in the row, or the one in force made longer. */
export function recordHold(step: Step, hold: ExecutorHold): void {
  const until = hold.until === undefined ? undefined : Date.parse(hold.until);
  const paused = hold.state === 'paused';
  step.run(
    `INSERT INTO executor_holds (executor, runner, reason, since, over_at, probe_from, in_row)
     VALUES ($executor, $runner, $reason, $since, $over_at, $probe_from, 1)
     ON CONFLICT (executor, runner) DO UPDATE SET
       in_row = in_row + coalesce(over_at <= $now, 0),
       reason = iif(over_at > excluded.over_at, reason, excluded.reason),
       since = iif(over_at <= $now, excluded.since, since),
       -- Runs that were under way meet the same limit, and one of them may have heard when it ends.
       over_at = iif(excluded.over_at IS NULL, NULL, max(over_at, excluded.over_at)),
       probe_from = iif(over_at <= $now, excluded.probe_from, max(probe_from, excluded.probe_from))`,
    {
      executor: hold.executor,
      runner: hold.runner ?? '',
      reason: hold.reason,
      since: Date.parse(hold.since),
      over_at: paused ? until : undefined,
      probe_from: paused ? undefined : until,
      now: step.now,
    },
  );
}

/** A completed attempt: the executor's provider serves, and this runner's set-up works. */
export function endRow(step: Step, executor: string, runner: string): void {
  step.run(
    `UPDATE executor_holds SET in_row = (over_at IS NULL OR over_at > $now)
     WHERE executor = $executor AND runner IN ('', $runner)`,
    { executor, runner, now: step.now },
  );
}

/** Part of a claim: opens what is closed for the runner and whose probe passes, where a probe counts by now. */
export function openProbed(step: Step, runner: string, executors: readonly string[]): void {
  if (executors.length === 0) return;
  step.run(
    `UPDATE executor_holds SET over_at = $now
     WHERE runner = $runner AND over_at IS NULL AND coalesce(probe_from, 0) <= $now
       AND executor IN (SELECT value FROM json_each($executors))`,
    { runner, executors: JSON.stringify(executors), now: step.now },
  );
}
