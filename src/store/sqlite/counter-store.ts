import type { CounterStore } from '../../domain/counter-store.ts';
import { labelBounds, type OutcomeLabel, type OutcomeLabels, overflowValue } from '../../domain/labels.ts';
import type { CounterKind, CounterSeries, Increment } from '../../domain/ledger.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { number, text } from './row.ts';

export class SqliteCounterStore implements CounterStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async export(holdSeconds: number): Promise<CounterSeries[]> {
    return this.#db.write((step) => {
      release(step, holdSeconds);
      return step
        .all(`SELECT counter, labels, iif(released, value, 0.0) AS value FROM series ORDER BY id`)
        .map((row) => ({
          counter: counterKind(text(row.counter)),
          labels: stringMap(json(row.labels)),
          value: number(row.value),
        }));
    });
  }
}

/** Starts the hold of series that are served for the first time now, and ends it where it has lasted. */
function release(step: Step, holdSeconds: number): void {
  if (!step.get(`SELECT 1 FROM series WHERE released = 0 LIMIT 1`)) return;
  step.run(
    `UPDATE series SET
       released = (first_served_at IS NOT NULL AND first_served_at + $hold <= $now),
       first_served_at = coalesce(first_served_at, $now)
     WHERE released = 0`,
    { now: step.now, hold: holdSeconds * 1000 },
  );
}

/** Gives the series that are held the time back that nobody could scrape them in. */
export function extendHolds(step: Step, milliseconds: number): void {
  step.run(
    `UPDATE series SET first_served_at = first_served_at + $gap WHERE released = 0 AND first_served_at IS NOT NULL`,
    { gap: milliseconds },
  );
}

/** Appends to the ledger, and to the sums over it. Part of the step that records an outcome. */
export function count(step: Step, of: { task_id: string; attempt: number }, increments: Increment[]): void {
  if (increments.length === 0) return;
  const entries = increments.map(({ counter, labels, amount }) => {
    const row = step.get(
      `INSERT INTO series (counter, labels, value) VALUES ($counter, $labels, $amount)
       ON CONFLICT (counter, labels) DO UPDATE SET value = value + excluded.value
       RETURNING id`,
      { counter, labels: canonical(labels), amount },
    );
    return [number(row?.id), amount];
  });
  step.run(
    `INSERT INTO ledger (counted_at, task_id, attempt, increments) VALUES ($now, $task_id, $attempt, $increments)`,
    { now: step.now, task_id: of.task_id, attempt: of.attempt, increments: JSON.stringify(entries) },
  );
}

/** Makes series that do not exist yet, at 0. */
export function bear(step: Step, series: Omit<Increment, 'amount'>[]): void {
  for (const { counter, labels } of series) {
    step.run(`INSERT INTO series (counter, labels) VALUES ($counter, $labels) ON CONFLICT DO NOTHING`, {
      counter,
      labels: canonical(labels),
    });
  }
}

/** The labels with every value over its bound replaced, and what that adds to the count of overflows. */
export function boundLabels(
  step: Step,
  labels: OutcomeLabels,
): { labels: OutcomeLabels; overflow: Increment[] } {
  const overflow: Increment[] = [];
  const bounded = { ...labels };
  for (const label of Object.keys(labelBounds) as OutcomeLabel[]) {
    bounded[label] = boundLabel(step, label, labels[label]);
    if (bounded[label] !== labels[label]) {
      overflow.push({ counter: 'label_overflow', labels: { label }, amount: 1 });
    }
  }
  return { labels: bounded, overflow };
}

/** The value itself if it is known or there is room for it, else `other`. */
export function boundLabel(step: Step, label: OutcomeLabel, value: string): string {
  if (value === overflowValue) return value;
  if (step.get(`SELECT 1 FROM label_values WHERE label = $label AND value = $value`, { label, value }))
    return value;
  const known = number(step.get(`SELECT count(*) AS n FROM label_values WHERE label = $label`, { label })?.n);
  if (known >= labelBounds[label]) return overflowValue;
  step.run(`INSERT INTO label_values (label, value) VALUES ($label, $value)`, { label, value });
  return value;
}

function canonical(labels: Record<string, string>): string {
  return JSON.stringify(labels, Object.keys(labels).sort());
}

const kinds: Record<CounterKind, true> = {
  tasks_finished: true,
  attempts_failed: true,
  tokens: true,
  cost_usd: true,
  unpriced_attempts: true,
  verdicts: true,
  label_overflow: true,
};

function counterKind(value: string): CounterKind {
  const kind = (Object.keys(kinds) as CounterKind[]).find((known) => known === value);
  if (!kind) throw new TypeError(`unknown counter ${value} in the store`);
  return kind;
}

export function stringMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw new TypeError('a column of labels held no object');
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
}
