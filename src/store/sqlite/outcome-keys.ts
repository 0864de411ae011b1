import type { OutcomeLabels } from '../../domain/labels.ts';
import {
  compareKeys,
  type LabelSet,
  labelSetOf,
  type OutcomeGroup,
  type OutcomeKind,
  type OutcomeSums,
  outcomeKindOf,
  outcomeSums,
} from '../../domain/outcome-group.ts';
import type { CellsByLabelSet, OutcomeCell } from '../../stats/outcome-cells.ts';
import type { Step } from './database.ts';
import { number, text } from './row.ts';

/** The label sets and kinds that the store has numbers for. They are only ever added to, so only those are read. */
export class OutcomeKeys {
  readonly labelSets = new Numbered<LabelSet>('outcome_label_sets', labelSetOf);
  readonly kinds = new Numbered<OutcomeKind>('outcome_kinds', outcomeKindOf);

  load(step: Step): void {
    this.labelSets.load(step);
    this.kinds.load(step);
  }

  forget(): void {
    this.labelSets.forget();
    this.kinds.forget();
  }

  /** The numbers of the label sets that a filter is about; undefined for all. */
  matching({ project, task_type, model, executor, variant }: Partial<OutcomeLabels>): number[] | undefined {
    const wanted = Object.entries({ project, task_type, model, executor, variant }).filter(
      ([, value]) => value !== undefined,
    ) as [keyof LabelSet, string][];
    if (wanted.length === 0) return undefined;
    return this.labelSets
      .all()
      .flatMap(({ id, value }) => (wanted.every(([label, is]) => value[label] === is) ? id : []));
  }

  groupsOf(cells: CellsByLabelSet): OutcomeGroup[] {
    const labelSets = [...cells.keys()].sort(this.labelSets.order);
    return labelSets.flatMap((labelSet) => {
      const labels = this.labelSets.get(labelSet);
      const ofLabelSet = [...(cells.get(labelSet) ?? [])].sort((a, b) => this.kinds.order(a.kind, b.kind));
      return ofLabelSet.map((cell) => groupOf(labels, this.kinds.get(cell.kind), cell));
    });
  }
}

function groupOf(labels: LabelSet, kind: OutcomeKind, { sums, durations }: OutcomeCell): OutcomeGroup {
  const named = Object.fromEntries(outcomeSums.map((name, i) => [name, sums[i] ?? 0])) as OutcomeSums;
  return { ...labels, ...kind, ...named, durations };
}

interface Entry<T> {
  id: number;
  key: string;
  value: T;
  /** Its place among all in the order of keys. */
  rank: number;
}

/** A table of keys by number. */
class Numbered<T> {
  readonly #table: string;
  readonly #read: (key: string) => T;
  readonly #byId = new Map<number, Entry<T>>();
  readonly #byKey = new Map<string, number>();
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
    for (const row of rows) {
      const [id, key] = [number(row.id), text(row.key)];
      this.#byId.set(id, { id, key, value: this.#read(key), rank: 0 });
      this.#byKey.set(key, id);
      this.#last = id;
    }
    for (const [rank, entry] of this.all()
      .sort((a, b) => compareKeys(a.key, b.key))
      .entries())
      entry.rank = rank;
  }

  forget(): void {
    this.#byId.clear();
    this.#byKey.clear();
    this.#last = 0;
  }

  all(): Entry<T>[] {
    return [...this.#byId.values()];
  }

  get(id: number): T {
    return this.#entry(id).value;
  }

  numberOf(key: string): number {
    const id = this.#byKey.get(key);
    if (id === undefined) throw new TypeError(`${key} is not in ${this.#table}`);
    return id;
  }

  readonly order = (a: number, b: number): number => this.#entry(a).rank - this.#entry(b).rank;

  #entry(id: number): Entry<T> {
    const entry = this.#byId.get(id);
    if (!entry) throw new TypeError(`there is no ${id} in ${this.#table}`);
    return entry;
  }
}
