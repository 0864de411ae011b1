import { lose } from './endings.ts';
import type { PipelineState } from './state.ts';

/** Minutes after which the task of a runner that has died is given back. */
const leaseMinutes = 2;

/** Runners that die, come back, and are heard of. */
export function tendRunners(state: PipelineState, serviceAnswers: boolean): void {
  const { faults, minute, table } = state;
  const gone = faults.active('runners_gone', minute).flatMap(({ runners }) => runners);
  for (const runner of state.runners) {
    const alive = !gone.includes(runner.id);
    if (alive && !runner.alive) table.restart(`runner:${runner.id}`);
    runner.alive = alive;
    if (alive && serviceAnswers) runner.heard_at = minute;
    for (const [executor, reason] of runner.closed) {
      // A person has mended it, and the probe finds that out.
      const mended = !faults.active('auth', minute).some((fault) => fault.executor === executor);
      if (mended && reason === 'auth') runner.closed.delete(executor);
    }
  }
  if (serviceAnswers) expireLeases(state);
}

function expireLeases(state: PipelineState): void {
  const silent = new Set(
    state.runners.filter(({ heard_at }) => state.minute - heard_at >= leaseMinutes).map(({ id }) => id),
  );
  const lost = state.attempts.filter(({ runner }) => silent.has(runner));
  state.attempts = state.attempts.filter((attempt) => !lost.includes(attempt));
  for (const attempt of lost) lose(state, attempt);
}
