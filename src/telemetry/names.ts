import type { CounterKind } from '../domain/ledger.ts';

/** Every Prometheus metric, label and span name that Andon uses: nothing else in the code spells one. */
export interface MetricDefinition {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  /** Who exports it: the service out of the store (the same on every replica), or a process about itself. */
  from: 'store' | 'service' | 'runner';
}

/** The labels of outcomes. */
export const outcomeLabelNames = ['project', 'task_type', 'model', 'executor', 'variant'] as const;

/** Boundaries of both task histograms, in seconds: coding runs last from seconds to hours. */
export const durationBoundaries = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400];

/** The counters that are sums over the ledger. */
export const ledgerMetrics = {
  tasks_finished: {
    name: 'agent_tasks_finished_total',
    help: 'Tasks that came to their final outcome, without those that the provider, the set-up or a person ended.',
    type: 'counter',
    labels: [...outcomeLabelNames, 'status'],
    from: 'store',
  },
  attempts_failed: {
    name: 'agent_attempts_failed_total',
    help: 'Attempts that failed, by error class.',
    type: 'counter',
    labels: ['project', 'task_type', 'executor', 'error_class'],
    from: 'store',
  },
  tokens: {
    name: 'agent_task_tokens_total',
    help: 'Tokens used, by kind; cached input is not part of input_uncached.',
    type: 'counter',
    labels: [...outcomeLabelNames, 'token_type'],
    from: 'store',
  },
  cost_usd: {
    name: 'agent_task_cost_usd_total',
    help: 'Money spent in US dollars where it is known; notional under billing="subscription".',
    type: 'counter',
    labels: [...outcomeLabelNames, 'billing'],
    from: 'store',
  },
  unpriced_attempts: {
    name: 'agent_task_unpriced_attempts_total',
    help: 'Attempts whose cost is not known: it is missing from agent_task_cost_usd_total, not zero.',
    type: 'counter',
    labels: outcomeLabelNames,
    from: 'store',
  },
  verdicts: {
    name: 'agent_task_verdicts_total',
    help: 'Verdicts on completed work, counted when they are given; one that is changed counts again.',
    type: 'counter',
    labels: [...outcomeLabelNames, 'verdict'],
    from: 'store',
  },
  label_overflow: {
    name: 'andon_label_overflow_total',
    help: 'Outcomes whose label had more values than its bound and was counted as "other".',
    type: 'counter',
    labels: ['label'],
    from: 'store',
  },
} as const satisfies Record<CounterKind, MetricDefinition>;

/** The gauges that are read from the store at each scrape. */
export const storeGauges = {
  tasks: {
    name: 'agent_tasks',
    help: 'Tasks by status now.',
    type: 'gauge',
    labels: ['project', 'task_type', 'status'],
    from: 'store',
  },
  oldest_pending: {
    name: 'agent_task_oldest_pending_timestamp_seconds',
    help: 'When the oldest task that could run now was queued, in seconds since the epoch.',
    type: 'gauge',
    labels: ['project', 'task_type', 'executor'],
    from: 'store',
  },
  oldest_started: {
    name: 'agent_task_oldest_started_timestamp_seconds',
    help: 'When the running task that has been running longest was started, in seconds since the epoch.',
    type: 'gauge',
    labels: ['project', 'task_type', 'executor'],
    from: 'store',
  },
  oldest_progress: {
    name: 'agent_task_oldest_progress_timestamp_seconds',
    help: 'When the running task that has been silent longest last made progress, in seconds since the epoch.',
    type: 'gauge',
    labels: ['project', 'task_type', 'executor'],
    from: 'store',
  },
  oldest_decision: {
    name: 'agent_task_oldest_decision_timestamp_seconds',
    help: 'Since when the task that has waited longest for a person’s decision waits, in seconds since the epoch.',
    type: 'gauge',
    labels: ['project', 'task_type', 'executor'],
    from: 'store',
  },
  runner_heartbeat: {
    name: 'agent_runner_heartbeat_timestamp_seconds',
    help: 'When the runner last spoke to the service, in seconds since the epoch.',
    type: 'gauge',
    labels: ['runner'],
    from: 'store',
  },
  executor_paused: {
    name: 'agent_executor_paused',
    help: '1 while an executor is paused, or closed for any runner that is there, else 0.',
    type: 'gauge',
    labels: ['executor'],
    from: 'store',
  },
  executor_held: {
    name: 'agent_executor_held',
    help: '1 while an executor is paused, or closed for any runner, for this reason, else 0.',
    type: 'gauge',
    labels: ['executor', 'reason'],
    from: 'store',
  },
  budget_limit: {
    name: 'agent_budget_limit_usd',
    help: 'What may be spent in 24 hours, in US dollars; without a project, of all together. Absent without a limit.',
    type: 'gauge',
    labels: ['project'],
    from: 'store',
  },
  budget_spent: {
    name: 'agent_budget_spent_usd',
    help: 'What was spent in the last 24 hours where there is a limit, in US dollars, as far as it is known.',
    type: 'gauge',
    labels: ['project'],
    from: 'store',
  },
  throttled: {
    name: 'agent_throttled',
    help: '1 while no tasks but critical ones are handed out because a budget is spent, else 0.',
    type: 'gauge',
    labels: ['project'],
    from: 'store',
  },
  alerts_unsettled: {
    name: 'andon_alerts_unsettled',
    help: 'Alerts that were received and are not worked off yet.',
    type: 'gauge',
    labels: [],
    from: 'store',
  },
  webhook_last_call: {
    name: 'andon_webhook_last_call_timestamp_seconds',
    help: 'When Alertmanager last called the webhook, in seconds since the epoch; absent if it never has.',
    type: 'gauge',
    labels: [],
    from: 'store',
  },
  improvements: {
    name: 'agent_improvements',
    help: 'Improvements by kind and state.',
    type: 'gauge',
    labels: ['kind', 'state'],
    from: 'store',
  },
  improvements_by_alert: {
    name: 'agent_improvements_by_alert',
    help: 'Improvements by the alert that they were proposed for, and state.',
    type: 'gauge',
    labels: ['alert', 'state'],
    from: 'store',
  },
  oldest_improvement: {
    name: 'agent_improvement_oldest_timestamp_seconds',
    help: 'When the oldest improvement that is in this state, and not ended, was proposed, in seconds since the epoch.',
    type: 'gauge',
    labels: ['kind', 'state'],
    from: 'store',
  },
} as const satisfies Record<string, MetricDefinition>;

/** The two histograms; the runner's by OTel, and the service's for outcomes that nobody else has observed. */
export const taskHistograms = {
  duration: {
    name: 'agent_task_duration_seconds',
    help: 'Wall clock of an attempt.',
    type: 'histogram',
    labels: [...outcomeLabelNames, 'status'],
    from: 'runner',
  },
  queue: {
    name: 'agent_task_queue_seconds',
    help: 'From when a task could first run until its attempt began.',
    type: 'histogram',
    labels: outcomeLabelNames,
    from: 'runner',
  },
} as const satisfies Record<string, MetricDefinition>;

export const runnerGauges = {
  running: {
    name: 'agent_runner_running_tasks',
    help: 'Tasks that this runner is running now.',
    type: 'gauge',
    labels: ['executor'],
    from: 'runner',
  },
  progress: {
    name: 'agent_runner_last_progress_timestamp_seconds',
    help: 'When a task of this runner last gave output, in seconds since the epoch.',
    type: 'gauge',
    labels: [],
    from: 'runner',
  },
  spool: {
    name: 'agent_runner_spooled_outcomes',
    help: 'Outcomes that this runner has not been able to deliver yet.',
    type: 'gauge',
    labels: [],
    from: 'runner',
  },
  held: {
    name: 'agent_runner_held_executors',
    help: '1 for each executor of this runner that gets no tasks: paused by a limit, or closed by its set-up.',
    type: 'gauge',
    labels: ['executor', 'state'],
    from: 'runner',
  },
} as const satisfies Record<string, MetricDefinition>;

/** What a runner counts. */
export const runnerCounters = {
  claims: {
    name: 'agent_runner_claims_total',
    help: 'Times that this runner asked for tasks, by what came of it.',
    type: 'counter',
    labels: ['result'],
    from: 'runner',
  },
  spool_errors: {
    name: 'agent_runner_spool_errors_total',
    help: 'Outcomes that could not be written to the spool: the disk is full, or not to be written.',
    type: 'counter',
    labels: [],
    from: 'runner',
  },
} as const satisfies Record<string, MetricDefinition>;

/** What a claim can come to: every series exists from the start. */
export const claimResults = ['tasks', 'empty', 'paused', 'throttled', 'failed'] as const;
export type ClaimResult = (typeof claimResults)[number];

/** What the service says about itself; each process its own. */
export const serviceMetrics = {
  http_duration: {
    name: 'andon_http_request_duration_seconds',
    help: 'Time to answer an HTTP request, by route.',
    type: 'histogram',
    labels: ['method', 'route', 'status_code'],
    from: 'service',
  },
  webhook_alerts: {
    name: 'andon_webhook_alerts_total',
    help: 'Alerts that calls of the webhook told of, by what came of them; truncated: the sender left them out.',
    type: 'counter',
    labels: ['result'],
    from: 'service',
  },
  store_up: {
    name: 'andon_store_up',
    help: '1 if the store could be read and written at this scrape, else 0.',
    type: 'gauge',
    labels: [],
    from: 'service',
  },
  store_read: {
    name: 'andon_store_scrape_seconds',
    help: 'How long this scrape waited for the store.',
    type: 'gauge',
    labels: [],
    from: 'service',
  },
  internal_errors: {
    name: 'andon_internal_errors_total',
    help: 'Requests and jobs that failed for a reason that is ours.',
    type: 'counter',
    labels: ['where'],
    from: 'service',
  },
} as const satisfies Record<string, MetricDefinition>;

/** Spans and attributes, after OpenTelemetry's GenAI conventions where they have a name. */
export const spans = {
  invokeAgent: 'invoke_agent',
  attributes: {
    operation: 'gen_ai.operation.name',
    provider: 'gen_ai.provider.name',
    requestModel: 'gen_ai.request.model',
    inputTokens: 'gen_ai.usage.input_tokens',
    outputTokens: 'gen_ai.usage.output_tokens',
    cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
    cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
    errorType: 'error.type',
    taskId: 'task_id',
    attempt: 'andon.attempt',
    taskType: 'andon.task_type',
    project: 'andon.project',
    executor: 'andon.executor',
    variant: 'andon.variant',
    costUsd: 'andon.cost_usd',
  },
} as const;

/** The jobs that Prometheus scrapes us under. */
export const jobs = { service: 'andon', runner: 'andon-runner' } as const;

/**
 * The labels that each alert has besides its own: so that a route of somebody's Alertmanager can tell ours, and by
 * what they are about.
 */
export const alertLabels = { component: 'component', category: 'category', severity: 'severity' } as const;
export const alertComponent = 'andon';

/** Every metric there is, for the docs, the linter and the tests. */
export const allMetrics: MetricDefinition[] = [
  ledgerMetrics,
  storeGauges,
  taskHistograms,
  runnerGauges,
  runnerCounters,
  serviceMetrics,
].flatMap((group) => Object.values<MetricDefinition>(group));
