import type { OutcomeLabels } from './labels.ts';
import type { TaskMetric } from './outcome.ts';
import type { LabelSetOutcomes } from './outcome-group.ts';
import type { Page } from './page.ts';

/** `own_task`: the id is that of a task of ours, whose outcomes only its runner reports. */
export type RecordResult = 'recorded' | 'duplicate' | 'own_task';

export interface RecordedOutcome {
  result: RecordResult;
  labels: OutcomeLabels;
  /** False if it is too old for the counters, and so for histograms. */
  counted: boolean;
}

export interface OutcomeFilter {
  from: number;
  to: number;
  project?: string;
  task_type?: string;
  /** As the label is: folded. */
  model?: string;
  executor?: string;
  variant?: string;
}

/** An outcome with its number in the store. */
export interface StoredOutcome {
  seq: number;
  metric: TaskMetric;
}

export interface PricingQuery {
  since: number;
  limit: number;
  cursor?: string;
}

export interface OutcomeStore {
  /** Records a foreign runner's outcomes, each once by `(task_id, attempt)`: all of them or, if it throws, none. */
  record(metrics: TaskMetric[]): Promise<RecordedOutcome[]>;
  /**
   * Everything in `[from, to)`, by label set and kind, in the order of their members (what is absent comes first).
   * Counts and sums are exact, durations to one percent. Neither the answer nor the time that it takes grows with the
   * number of outcomes.
   */
  summarize(filter: OutcomeFilter): Promise<LabelSetOutcomes[]>;
  /**
   * Outcomes since a time (milliseconds) with usage whose cost a table may know better: those without one, and those
   * that were priced by a table of ours. By when they ended, page by page: the cost of a page does not grow with what
   * is stored.
   */
  listForPricing(query: PricingQuery): Promise<Page<StoredOutcome>>;
  /** Puts new costs in place of the old ones, as one step. Reports show them; the counters do not move. */
  reprice(changes: StoredOutcome[]): Promise<void>;
}
