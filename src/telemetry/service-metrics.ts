import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WebhookState } from '../domain/alert-store.ts';
import type { Budget, BudgetState } from '../domain/budget.ts';
import type { Clock } from '../domain/clock.ts';
import { holdClasses } from '../domain/executor-hold.ts';
import { improvementStates, openStates } from '../domain/improvement-state.ts';
import type { ImprovementCount } from '../domain/improvement-store.ts';
import type { OutcomeLabels } from '../domain/labels.ts';
import type { CounterKind, CounterSeries } from '../domain/ledger.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { RunnerSeen } from '../domain/runner-store.ts';
import type { Store } from '../domain/store.ts';
import { taskStatuses } from '../domain/task.ts';
import type { TaskAges, TaskCount } from '../domain/task-store.ts';
import {
  durationBoundaries,
  ledgerMetrics,
  type MetricDefinition,
  serviceMetrics,
  storeGauges,
  taskHistograms,
} from './names.ts';

export interface ServiceMetricsOptions {
  store: Store;
  clock: Clock;
  /** How long a new counter series is served at 0: 2.5 scrape intervals. */
  holdSeconds: number;
  /** Silence after which a runner's series is taken away. */
  staleAfterSeconds: number;
  budget: Budget;
  /** Told why the store's figures are missing from a scrape. */
  onError: (error: unknown) => void;
}

/** What one scrape reads from the store. */
interface StoreFigures {
  counters: CounterSeries[];
  counts: TaskCount[];
  ages: TaskAges[];
  runners: RunnerSeen[];
  executors: Awaited<ReturnType<Store['executors']['listSeen']>>;
  improvements: ImprovementCount[];
  budgets: BudgetState[];
  webhook: WebhookState;
}

/** What the service exports: the store's figures, read at each scrape, and its own. The only user of prom-client. */
export class ServiceMetrics {
  readonly #options: ServiceMetricsOptions;
  readonly #registry = new Registry();
  readonly #counters: Record<CounterKind, Counter>;
  readonly #gauges: Record<keyof typeof storeGauges, Gauge>;
  readonly #duration: Histogram;
  readonly #queue: Histogram;
  readonly #http: Histogram;
  readonly #webhookAlerts: Counter;
  readonly #internalErrors: Counter;
  readonly #storeUp: Gauge;
  readonly #storeRead: Gauge;

  constructor(options: ServiceMetricsOptions) {
    this.#options = options;
    const registers = [this.#registry];
    const settings = ({ name, help, labels }: MetricDefinition) => ({
      name,
      help,
      labelNames: [...labels],
      registers,
    });
    this.#counters = mapValues(ledgerMetrics, (definition) => new Counter(settings(definition)));
    this.#gauges = mapValues(storeGauges, (definition) => new Gauge(settings(definition)));
    this.#duration = new Histogram({ ...settings(taskHistograms.duration), buckets: durationBoundaries });
    this.#queue = new Histogram({ ...settings(taskHistograms.queue), buckets: durationBoundaries });
    this.#http = new Histogram(settings(serviceMetrics.http_duration));
    this.#webhookAlerts = new Counter(settings(serviceMetrics.webhook_alerts));
    this.#internalErrors = new Counter(settings(serviceMetrics.internal_errors));
    this.#storeUp = new Gauge(settings(serviceMetrics.store_up));
    this.#storeRead = new Gauge(settings(serviceMetrics.store_read));
  }

  /** Prometheus's text format. Without a store it answers what the service knows of itself. */
  async exposition(): Promise<{ text: string; contentType: string }> {
    const begun = performance.now();
    try {
      await this.#options.store.check();
      this.#show(await this.#read());
      this.#storeUp.set(1);
    } catch (error) {
      // A scrape that failed would hide the rest.
      this.#options.onError(error);
      this.#hide();
      this.#storeUp.set(0);
    }
    this.#storeRead.set((performance.now() - begun) / 1000);
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** Puts an outcome into the histograms, unless its sender exports it already. */
  observeOutcome(metric: TaskMetric, labels: OutcomeLabels): void {
    if (metric.duration_observed) return;
    this.#duration.observe({ ...labels, status: metric.status }, metric.duration_seconds);
    if (metric.queue_seconds !== undefined) this.#queue.observe({ ...labels }, metric.queue_seconds);
  }

  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void {
    const { method, route, status, seconds } = request;
    this.#http.observe({ method, route, status_code: String(status) }, seconds);
  }

  countAlert(result: string, count = 1): void {
    this.#webhookAlerts.inc({ result }, count);
  }

  countInternalError(where: string): void {
    this.#internalErrors.inc({ where });
  }

  async #read(): Promise<StoreFigures> {
    const { store, clock, holdSeconds, staleAfterSeconds, budget } = this.#options;
    const runnersSince = clock() - staleAfterSeconds * 1000;
    return {
      counters: await store.counters.export(holdSeconds),
      counts: await store.tasks.countByStatus(),
      ages: await store.tasks.listAges(budget),
      runners: await store.runners.list(runnersSince),
      executors: await store.executors.listSeen(runnersSince),
      improvements: await store.improvements.countByState(),
      budgets: await store.budgets.list(budget),
      webhook: await store.alerts.webhookState(),
    };
  }

  /** Takes over what was read, without a break in between, so that no scrape sees half of it. */
  #show(read: StoreFigures): void {
    this.#hide();
    for (const { counter, labels, value } of read.counters) this.#counters[counter].inc(labels, value);
    const { tasks, runner_heartbeat, executor_paused, executor_held } = this.#gauges;
    for (const { project, task_type } of read.counts) {
      for (const status of taskStatuses) tasks.set({ project, task_type, status }, 0);
    }
    for (const { count, ...labels } of read.counts) tasks.set(labels, count);
    this.#showAges(read.ages);
    for (const { runner, seen_at } of read.runners) runner_heartbeat.set({ runner }, seen_at / 1000);
    for (const { executor, held_for } of read.executors) {
      executor_paused.set({ executor }, held_for.length > 0 ? 1 : 0);
      for (const reason of holdClasses)
        executor_held.set({ executor, reason }, held_for.includes(reason) ? 1 : 0);
    }
    this.#showImprovements(read.improvements);
    this.#showBudgets(read.budgets);
    this.#gauges.alerts_unsettled.set(read.webhook.unsettled);
    if (read.webhook.last_call !== undefined) {
      this.#gauges.webhook_last_call.set(read.webhook.last_call / 1000);
    }
  }

  #showAges(ages: TaskAges[]): void {
    const { oldest_pending, oldest_started, oldest_progress, oldest_decision } = this.#gauges;
    for (const { project, task_type, executor, ...age } of ages) {
      const labels = { project, task_type, executor };
      if (age.oldest_pending !== undefined) oldest_pending.set(labels, age.oldest_pending / 1000);
      if (age.oldest_started !== undefined) oldest_started.set(labels, age.oldest_started / 1000);
      if (age.oldest_progress !== undefined) oldest_progress.set(labels, age.oldest_progress / 1000);
      if (age.oldest_decision !== undefined) oldest_decision.set(labels, age.oldest_decision / 1000);
    }
  }

  #showImprovements(counts: ImprovementCount[]): void {
    const { improvements, improvements_by_alert, oldest_improvement } = this.#gauges;
    for (const { kind, alert } of counts) {
      for (const state of improvementStates) {
        improvements.set({ kind, state }, 0);
        improvements_by_alert.set({ alert, state }, 0);
      }
    }
    // Of one kind there are several alerts.
    for (const { kind, alert, state, count } of counts) {
      improvements.inc({ kind, state }, count);
      improvements_by_alert.inc({ alert, state }, count);
    }
    const newestFirst = counts
      .filter(({ state }) => openStates.includes(state))
      .sort((a, b) => b.oldest - a.oldest);
    for (const { kind, state, oldest } of newestFirst) oldest_improvement.set({ kind, state }, oldest / 1000);
  }

  #showBudgets(budgets: BudgetState[]): void {
    const { budget_limit, budget_spent, throttled } = this.#gauges;
    for (const { project = '', ...state } of budgets) {
      budget_limit.set({ project }, state.limit_usd);
      budget_spent.set({ project }, state.spent_usd);
      throttled.set({ project }, state.throttled ? 1 : 0);
    }
  }

  #hide(): void {
    for (const counter of Object.values(this.#counters)) counter.reset();
    for (const gauge of Object.values(this.#gauges)) {
      gauge.reset();
      // Reset to nothing, not to 0, which is an answer.
      gauge.remove({});
    }
  }
}

function mapValues<K extends string, A, B>(record: Record<K, A>, map: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, map(value)])) as Record<
    K,
    B
  >;
}
