import { hour } from '../../stats/window-plan.ts';
import type { Step } from './database.ts';
import { rolledColumns, rolledOutcomeOf } from './rolled-outcome.ts';
import { RollupWriter } from './rollup-writer.ts';
import { maybeNumber } from './row.ts';

/** Rolls up all outcomes that there are, an hour at a time. */
export function fillRollups(step: Step): void {
  for (let from = nextHour(step, Number.MIN_SAFE_INTEGER); from !== undefined; ) {
    const writer = new RollupWriter(step);
    const to = from + hour;
    const rows = step.all(
      `SELECT ${rolledColumns} FROM outcomes WHERE created_at >= $from AND created_at < $to`,
      {
        from,
        to,
      },
    );
    for (const row of rows) writer.add(rolledOutcomeOf(row));
    writer.finish();
    from = nextHour(step, to);
  }
}

/** The begin of the first hour with an outcome that ended at this time or later. */
function nextHour(step: Step, from: number): number | undefined {
  const row = step.get(`SELECT min(created_at) AS at FROM outcomes WHERE created_at >= $from`, { from });
  const at = maybeNumber(row?.at);
  return at === undefined ? undefined : Math.floor(at / hour) * hour;
}
