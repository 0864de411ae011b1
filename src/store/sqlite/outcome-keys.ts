import type { OutcomeLabels } from '../../domain/labels.ts';
import {
  compareKeys,
  countsInSuccess,
  type LabelSet,
  type LabelSetOutcomes,
  labelSetOf,
  type OutcomeFigures,
  type OutcomeKind,
  type OutcomeSums,
  outcomeKindOf,
  outcomeSums,
} from '../../domain/outcome-group.ts';
import type { WindowPart } from '../../stats/window-cells.ts';
import type { Step } from './database.ts';
import { number, text } from './row.ts';

/** A filter in words, and as the numbers of the label sets that it is about; undefined for all. */
export interface Wanted {
  labels: string;
  labelSets: readonly number[] | undefined;
}

/** The label sets and kinds that the store has numbers for. They are only ever added to, so only those are read. */
export class OutcomeKeys {
  readonly labelSets = new Numbered<LabelSet>('outcome_label_sets', labelSetOf);
  readonly kinds = new Numbered<OutcomeKind>('outcome_kinds', outcomeKindOf);

  load(step: Step): void {
    this.labelSets.load(step);
    this.kinds.load(step);
  }

  matching({ project, task_type, model, executor, variant }: Partial<OutcomeLabels>): Wanted {
    const given = Object.entries({ project, task_type, model, executor, variant }).filter(
      ([, value]) => value !== undefined,
    ) as [keyof LabelSet, string][];
    const labels = JSON.stringify(given);
    if (given.length === 0) return { labels, labelSets: undefined };
    const matching = this.labelSets
      .all()
      .filter(({ value }) => given.every(([label, is]) => value[label] === is));
    return { labels, labelSets: matching.map(({ id }) => id) };
  }

  readonly countsInSuccess = (kind: number): boolean => countsInSuccess(this.kinds.get(kind));

  /** In the order of the keys. */
  outcomesOf(part: WindowPart): LabelSetOutcomes[] {
    const found: LabelSetOutcomes[] = [];
    for (const labelSet of this.labelSets.all()) {
      const cells = part.get(labelSet.id);
      if (!cells) continue;
      const kinds: OutcomeFigures[] = [];
      for (const { id, value } of this.kinds.all()) {
        const sums = cells.kinds.get(id);
        if (sums) kinds.push(figuresOf(value, sums));
      }
      found.push({ ...labelSet.value, kinds, durations: cells.durations });
    }
    return found;
  }
}

/** Written out: made by the thousand in each answer, it takes a tenth of the time. */
function figuresOf(kind: OutcomeKind, sums: readonly number[]): OutcomeFigures {
  return {
    status: kind.status,
    final: kind.final,
    error_class: kind.error_class,
    billing: kind.billing,
    cost_source: kind.cost_source,
    usage_state: kind.usage_state,
    count: sums[sumAt.count] ?? 0,
    accepted: sums[sumAt.accepted] ?? 0,
    rejected: sums[sumAt.rejected] ?? 0,
    reverted: sums[sumAt.reverted] ?? 0,
    input_uncached: sums[sumAt.input_uncached] ?? 0,
    cache_read: sums[sumAt.cache_read] ?? 0,
    cache_write: sums[sumAt.cache_write] ?? 0,
    output: sums[sumAt.output] ?? 0,
    api_calls: sums[sumAt.api_calls] ?? 0,
    duration_sum: sums[sumAt.duration_sum] ?? 0,
    cost_usd: sums[sumAt.cost_usd] ?? 0,
  };
}

/** Where each sum stands. */
const sumAt = Object.fromEntries(outcomeSums.map((name, i) => [name, i])) as OutcomeSums;

interface Entry<T> {
  id: number;
  key: string;
  value: T;
}

/** A table of keys by number. */
class Numbered<T> {
  readonly #table: string;
  readonly #read: (key: string) => T;
  readonly #byKey = new Map<string, number>();
  readonly #byId = new Map<number, T>();
  #sorted: Entry<T>[] = [];
  #last = 0;

  constructor(table: string, read: (key: string) => T) {
    this.#table = table;
    this.#read = read;
  }

  load(step: Step): void {
    const rows = step.all(`SELECT id, key FROM ${this.#table} WHERE id > $last ORDER BY id`, {
      last: this.#last,
    });
    if (rows.length === 0) return;
    const entries = rows.map((row) => {
      const [id, key] = [number(row.id), text(row.key)];
      return { id, key, value: this.#read(key) };
    });
    for (const { id, key, value } of entries) {
      this.#byKey.set(key, id);
      this.#byId.set(id, value);
      this.#last = id;
    }
    this.#sorted = [...this.#sorted, ...entries].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** In the order of their keys. */
  all(): readonly Entry<T>[] {
    return this.#sorted;
  }

  get(id: number): T {
    const value = this.#byId.get(id);
    if (value === undefined) throw new TypeError(`there is no ${id} in ${this.#table}`);
    return value;
  }

  numberOf(key: string): number {
    const id = this.#byKey.get(key);
    if (id === undefined) throw new TypeError(`${key} is not in ${this.#table}`);
    return id;
  }
}
