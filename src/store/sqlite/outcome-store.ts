import type { OutcomeLabels } from '../../domain/labels.ts';
import { countedWithin, incrementsOf, spentIncrements } from '../../domain/ledger.ts';
import { outcomeLabels, type TaskMetric } from '../../domain/outcome.ts';
import type { LabelSetOutcomes } from '../../domain/outcome-group.ts';
import type {
  OutcomeFilter,
  OutcomeStore,
  PricingQuery,
  RecordedOutcome,
  StoredOutcome,
} from '../../domain/outcome-store.ts';
import { decodeNumberCursor, type Page, pageOf } from '../../domain/page.ts';
import { bucketOf } from '../../stats/log-buckets.ts';
import { boundLabels, count, stringMap } from './counter-store.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { rolledOutcome } from './rolled-outcome.ts';
import { RollupReader } from './rollup-reader.ts';
import { changeOutcome, RollupWriter } from './rollup-writer.ts';
import { number } from './row.ts';

export class SqliteOutcomeStore implements OutcomeStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async record(metrics: TaskMetric[]): Promise<RecordedOutcome[]> {
    return this.#db.write((step) => metrics.map((metric) => recordForeign(step, metric)));
  }

  async summarize(filter: OutcomeFilter): Promise<LabelSetOutcomes[]> {
    return this.#db.read((step) => step.keep(RollupReader).summarize(step, filter));
  }

  async listForPricing({ since, limit, cursor }: PricingQuery): Promise<Page<StoredOutcome>> {
    const after = cursor === undefined ? { at: since, id: 0 } : decodeNumberCursor(cursor);
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT seq, metric FROM outcomes
         WHERE (created_at, seq) > ($at, $seq)
           AND usage_state <> 'none' AND cost_source IN ('computed', 'unpriced')
           AND (cost_source = 'unpriced' OR metric ->> '$.priced_by' IS NOT NULL)
         ORDER BY created_at, seq LIMIT $rows`,
        { at: after.at, seq: after.id, rows: limit + 1 },
      ),
    );
    // It was validated when it was stored.
    const found = rows.map((row) => ({ seq: number(row.seq), metric: json(row.metric) as TaskMetric }));
    return pageOf(found, limit, ({ seq, metric }) => ({ at: Date.parse(metric.created_at), id: `${seq}` }));
  }

  async reprice(changes: StoredOutcome[]): Promise<void> {
    await this.#db.write((step) => {
      for (const { seq, metric } of changes) {
        const { cost_usd, cost_source } = metric;
        changeOutcome(step, seq, () =>
          step.run(
            `UPDATE outcomes SET cost_usd = $cost_usd, cost_source = $cost_source, metric = $metric
             WHERE seq = $seq AND cost_source IN ('computed', 'unpriced')`,
            { seq, cost_usd, cost_source, metric: JSON.stringify(metric) },
          ),
        );
      }
    });
  }
}

/** Only its runner says what came of a task of ours: a foreign record would take the place of the real one. */
function recordForeign(step: Step, metric: TaskMetric): RecordedOutcome {
  if (step.get(`SELECT 1 FROM tasks WHERE id = $id`, { id: metric.task_id })) {
    return { result: 'own_task', labels: outcomeLabels(metric), counted: false };
  }
  return recordOutcome(step, metric);
}

/** Records one outcome and what it adds to the counters, once by `(task_id, attempt)`. */
export function recordOutcome(step: Step, metric: TaskMetric): RecordedOutcome {
  const known = step.get(`SELECT labels FROM outcomes WHERE task_id = $task_id AND attempt = $attempt`, {
    task_id: metric.task_id,
    attempt: metric.attempt,
  });
  if (known) return { result: 'duplicate', labels: outcomeLabelsFrom(json(known.labels)), counted: false };
  const { labels, overflow } = boundLabels(step, outcomeLabels(metric));
  insert(step, metric, labels);
  const counted = isFresh(step, metric);
  if (counted) count(step, metric, [...incrementsOf(metric, labels), ...overflow]);
  return { result: 'recorded', labels, counted };
}

/**
 * Puts what a superseded attempt spent in place of the nothing that was known of it: the outcome itself stays
 * as it was recorded (`lost`), and the counters take only the tokens and the money.
 */
export function recordLateUsage(step: Step, late: TaskMetric): void {
  const row = step.get(
    `SELECT seq, labels FROM outcomes
     WHERE task_id = $task_id AND attempt = $attempt AND error_class IN ('lost', 'cancelled') AND usage_state = 'none'`,
    { task_id: late.task_id, attempt: late.attempt },
  );
  if (!row) return;
  const { usage, usage_by_model, usage_state, cost_usd, cost_source, priced_by, billing } = late;
  const { raw_result, ran_model } = late;
  const cost = { cost_usd, cost_source, priced_by, billing };
  const spent = { usage, usage_by_model, usage_state, ...cost, raw_result, ran_model };
  const seq = number(row.seq);
  changeOutcome(step, seq, () =>
    step.run(
      `UPDATE outcomes SET metric = json_patch(metric, $spent), usage_state = $usage_state, cost_usd = $cost_usd,
         cost_source = $cost_source, billing = $billing, input_uncached = $input_uncached, cache_read = $cache_read,
         cache_write = $cache_write, output = $output, api_calls = $api_calls
       WHERE seq = $seq`,
      {
        seq,
        spent: JSON.stringify(spent),
        usage_state,
        cost_usd,
        cost_source,
        billing,
        ...usageColumns(late),
      },
    ),
  );
  // The lack of a price was counted with the `lost` outcome already.
  const increments = spentIncrements(late, outcomeLabelsFrom(json(row.labels)));
  count(
    step,
    late,
    increments.filter(({ counter }) => counter !== 'unpriced_attempts'),
  );
}

function insert(step: Step, metric: TaskMetric, labels: OutcomeLabels): void {
  step.run(
    `INSERT INTO outcomes (task_id, attempt, final, status, error_class, project, task_type, model, executor,
       variant, prompt_variant, skill_version, created_at, received_at, duration, duration_bucket, usage_state,
       input_uncached, cache_read, cache_write, output, api_calls, cost_usd, cost_source, billing, labels, metric)
     VALUES ($task_id, $attempt, $final, $status, $error_class, $project, $task_type, $model, $executor,
       $variant, $prompt_variant, $skill_version, $created_at, $received_at, $duration, $bucket, $usage_state,
       $input_uncached, $cache_read, $cache_write, $output, $api_calls, $cost_usd, $cost_source, $billing,
       $labels, $metric)`,
    {
      task_id: metric.task_id,
      attempt: metric.attempt,
      final: metric.final ? 1 : 0,
      status: metric.status,
      error_class: metric.error_class,
      ...outcomeLabels(metric),
      prompt_variant: metric.prompt_variant,
      skill_version: metric.skill_version,
      created_at: Date.parse(metric.created_at),
      received_at: step.now,
      duration: metric.duration_seconds,
      bucket: bucketOf(metric.duration_seconds),
      usage_state: metric.usage_state,
      ...usageColumns(metric),
      cost_usd: metric.cost_usd,
      cost_source: metric.cost_source,
      billing: metric.billing,
      labels: JSON.stringify(labels),
      metric: JSON.stringify(metric),
    },
  );
  step.gather(RollupWriter).add(rolledOutcome(metric));
}

function usageColumns({ usage }: TaskMetric) {
  return {
    input_uncached: usage?.input_uncached,
    cache_read: usage?.cache_read,
    cache_write: usage?.cache_write,
    output: usage?.output,
    api_calls: usage?.api_calls,
  };
}

function isFresh(step: Step, metric: TaskMetric): boolean {
  return step.now - Date.parse(metric.created_at) <= countedWithin;
}

export function outcomeLabelsFrom(value: unknown): OutcomeLabels {
  const { project = '', task_type = '', model = '', executor = '', variant = '' } = stringMap(value);
  return { project, task_type, model, executor, variant };
}
