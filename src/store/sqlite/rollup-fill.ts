import type { Step } from './database.ts';
import { rolledColumns, rolledOutcomeOf } from './rolled-outcome.ts';
import { RollupWriter } from './rollup-writer.ts';
import { number } from './row.ts';

/** So many outcomes are held in memory at once. */
const pageSize = 10_000;

/** Rolls up all outcomes that there are, in the order of time: a blob is written about once for each page it is in. */
export function fillRollups(step: Step): void {
  let last = { at: Number.MIN_SAFE_INTEGER, seq: 0 };
  for (;;) {
    const rows = step.all(
      `SELECT seq, ${rolledColumns} FROM outcomes
       WHERE (created_at, seq) > ($at, $seq) ORDER BY created_at, seq LIMIT ${pageSize}`,
      last,
    );
    const writer = new RollupWriter(step);
    for (const row of rows) writer.add(rolledOutcomeOf(row));
    writer.finish();
    const end = rows.at(-1);
    if (!end || rows.length < pageSize) return;
    last = { at: number(end.created_at), seq: number(end.seq) };
  }
}
