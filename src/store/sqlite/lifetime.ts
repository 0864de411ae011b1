import { extendHolds } from './counter-store.ts';
import type { Step } from './database.ts';
import { maybeNumber } from './row.ts';

/** A service that has not beaten for this long was not alive: stopped, or on a machine that slept. */
const silence = 15_000;

/** Gives leases and held series the time back since the service was last alive, and says that it is alive now. */
export function resume(step: Step): void {
  const alive = aliveAt(step);
  if (alive !== undefined && alive < step.now) giveBack(step, step.now - alive);
  beat(step);
}

/** Does so only if the service was away. One that has never beaten has nothing to give back. */
export function catchUp(step: Step): void {
  const alive = aliveAt(step);
  if (alive !== undefined && step.now - alive > silence) resume(step);
}

export function beat(step: Step): void {
  mark(step, 'alive_at');
}

/** Writes a time under a name: also what shows that the store can be written. */
export function mark(step: Step, key: string): void {
  step.run(
    `INSERT INTO meta (key, value) VALUES ($key, $now) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    { key, now: step.now },
  );
}

function aliveAt(step: Step): number | undefined {
  return maybeNumber(step.get(`SELECT value FROM meta WHERE key = 'alive_at'`)?.value);
}

function giveBack(step: Step, milliseconds: number): void {
  step.run(
    `UPDATE tasks SET lease_expires_at = lease_expires_at + $gap, progress_at = progress_at + $gap
     WHERE status = 'running'`,
    { gap: milliseconds },
  );
  extendHolds(step, milliseconds);
}
