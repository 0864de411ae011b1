import { addEncoded, encodeCells } from '../../stats/cell-codec.ts';
import { slotOf } from '../../stats/log-buckets.ts';
import { addSums, CellAccumulator } from '../../stats/outcome-cells.ts';
import { day, floor, hour } from '../../stats/window-plan.ts';
import type { Gathered, Step } from './database.ts';
import { type RolledOutcome, rolledColumns, rolledOutcomeOf } from './rolled-outcome.ts';
import { blob, number } from './row.ts';

interface Change extends RolledOutcome {
  sign: 1 | -1;
}

/** Changes the number of an outcome by what the step does with it: the roll-ups follow, at the end of the step. */
export function changeOutcome(step: Step, seq: number, change: () => void): void {
  const writer = step.gather(RollupWriter);
  const read = () => step.get(`SELECT ${rolledColumns} FROM outcomes WHERE seq = $seq`, { seq });
  const before = read();
  if (!before) throw new TypeError('an outcome that is changed does not exist');
  writer.takeAway(rolledOutcomeOf(before));
  change();
  writer.add(rolledOutcomeOf(read() ?? before));
}

/**
 * What outcomes of a step add to the roll-ups, and what they take away: written together, so that a blob that
 * several of them are in is written once.
 */
export class RollupWriter implements Gathered {
  readonly #step: Step;
  readonly #changes: Change[] = [];
  readonly #accumulator: CellAccumulator;
  readonly #numbers = {
    outcome_label_sets: new Map<string, number>(),
    outcome_kinds: new Map<string, number>(),
  };

  constructor(step: Step) {
    this.#step = step;
    // Kept from step to step: it is large.
    this.#accumulator = step.keep(CellAccumulator);
    this.#accumulator.clear();
  }

  add(outcome: RolledOutcome): void {
    this.#changes.push({ ...outcome, sign: 1 });
  }

  takeAway(outcome: RolledOutcome): void {
    this.#changes.push({ ...outcome, sign: -1 });
  }

  finish(): void {
    for (const length of [hour, day]) {
      for (const [start, changes] of Map.groupBy(this.#changes, ({ at }) => floor(at, length))) {
        this.#writePeriod(length, start, changes);
      }
    }
  }

  #writePeriod(length: number, start: number, changes: Change[]): void {
    this.#step.run(
      `INSERT INTO rollup_periods (length, start, version) VALUES ($length, $start, 1)
       ON CONFLICT DO UPDATE SET version = version + 1`,
      { length, start },
    );
    for (const [key, ofLabelSet] of Map.groupBy(changes, ({ labelSet }) => labelSet)) {
      const label_set = this.#numberOf('outcome_label_sets', key);
      this.#writeCells({ length, start, label_set }, ofLabelSet);
    }
  }

  #writeCells(of: { length: number; start: number; label_set: number }, changes: Change[]): void {
    const known = this.#step.get(
      `SELECT cells FROM rollups WHERE length = $length AND start = $start AND label_set = $label_set`,
      of,
    );
    if (known) addEncoded(blob(known.cells), (kind) => this.#accumulator.tally(kind));
    for (const { kind, bucket, sums, sign } of changes) {
      const tally = this.#accumulator.tally(this.#numberOf('outcome_kinds', kind));
      addSums(tally.sums, sums, sign);
      tally.durations.addAt(slotOf(bucket), sign);
    }
    this.#step.run(
      `INSERT INTO rollups (length, start, label_set, cells) VALUES ($length, $start, $label_set, $cells)
       ON CONFLICT DO UPDATE SET cells = excluded.cells`,
      { ...of, cells: encodeCells(this.#accumulator.take()) },
    );
  }

  #numberOf(table: 'outcome_label_sets' | 'outcome_kinds', key: string): number {
    const known = this.#numbers[table].get(key);
    if (known !== undefined) return known;
    const row =
      this.#step.get(`SELECT id FROM ${table} WHERE key = $key`, { key }) ??
      this.#step.get(`INSERT INTO ${table} (key) VALUES ($key) RETURNING id`, { key });
    const id = number(row?.id);
    this.#numbers[table].set(key, id);
    return id;
  }
}
