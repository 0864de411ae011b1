import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alertRoutes } from '../api/alerts.ts';
import { attemptRoutes } from '../api/attempts.ts';
import { budgetRoutes } from '../api/budget.ts';
import { executorRoutes } from '../api/executors.ts';
import { improvementRoutes } from '../api/improvements.ts';
import { metricsRoutes } from '../api/metrics.ts';
import { operationRoutes } from '../api/operations.ts';
import { priceRoutes } from '../api/prices.ts';
import type { Route } from '../api/route.ts';
import { runnerRoutes } from '../api/runners.ts';
import type { TaskRules } from '../api/task-changes.ts';
import { taskRoutes } from '../api/tasks.ts';
import { type Config, objectivesOf, parseConfig } from '../config.ts';
import type { Budget } from '../domain/budget.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { Store } from '../domain/store.ts';
import { knownExecutors } from '../domain/task.ts';
import { declarationOf } from '../improvement/our-alert.ts';
import { findAlertDeclaration } from '../monitoring/alerts/registry.ts';
import { durationSeconds, type Objectives } from '../monitoring/objectives.ts';
import { pageRoutes } from '../pages/pages.ts';
import { Sessions } from '../pages/session.ts';
import type { Site } from '../pages/visit.ts';
import { priceOutcome } from '../pricing/price-outcome.ts';
import type { PriceTable } from '../pricing/price-table.ts';
import type { AttentionLimits } from '../reports/pipeline-status.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { ServiceMetrics } from '../telemetry/service-metrics.ts';
import { version } from '../version.ts';
import { dataPaths } from './data-paths.ts';

/** The project's own folder: runbooks and the like are read from there. */
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that can be called: every route, in the order in which they are tried. */
export function routesOf(
  config: Config,
  parts: {
    store: Store;
    metrics: Pick<ServiceMetrics, 'observeOutcome' | 'exposition'>;
    clock: Clock;
    prices: readonly PriceTable[];
    onAlerts: (leftOut: number) => void;
    site: Site;
  },
): Route[] {
  const { store, metrics, clock, prices, onAlerts, site } = parts;
  const { tasks, service, budget } = config;
  const defaults = { ...tasks, projects: config.projects };
  const taskRules: TaskRules & { logsDir: string } = {
    tasks: store.tasks,
    defaults,
    executors: [...knownExecutors, ...tasks.executors],
    allowShell: service.allow_shell_tasks,
    logsDir: dataPaths(config).logs,
  };
  const price = (metric: TaskMetric) => priceOutcome(metric, prices);
  const onOutcome: Parameters<typeof attemptRoutes>[0]['onOutcome'] = (metric, labels) =>
    metrics.observeOutcome(metric, labels);
  return [
    ...metricsRoutes({
      store,
      taskTypes: tasks.types,
      clock,
      price,
      onOutcome,
      attention: attentionLimitsOf(config),
      budget,
    }),
    // Before the tasks, since `claim` would be a task's id there.
    ...attemptRoutes({
      store,
      leaseSeconds: tasks.lease_seconds,
      budget,
      lastAttemptGraceSeconds: tasks.last_attempt_grace_seconds,
      backoff: { first_seconds: tasks.backoff_seconds, longest_seconds: tasks.longest_backoff_seconds },
      clock,
      price,
      onOutcome,
    }),
    ...taskRoutes(taskRules),
    ...improvementRoutes({ improvements: store.improvements, defaults }),
    ...alertRoutes({
      alerts: store.alerts,
      isOurs: (alert) => declarationOf(alert, findAlertDeclaration) !== undefined,
      onReceived: onAlerts,
    }),
    ...executorRoutes({ executors: store.executors }),
    ...budgetRoutes({ budgets: store.budgets, budget, clock }),
    ...priceRoutes({ outcomes: store.outcomes, prices }),
    ...runnerRoutes({ runners: store.runners, clock, staleAfterSeconds: service.stale_after_seconds }),
    ...operationRoutes({
      store,
      exposition: () => metrics.exposition(),
    }),
    ...pageRoutes(site, {
      ...taskRules,
      store,
      improvements: store.improvements,
      attention: attentionLimitsOf(config),
      budget,
      runbooksDir: join(root, 'docs/runbooks'),
      overviewText: () => overviewText(store, budget),
    }),
  ];
}

/** From when on failures ask for a person: as the alert about them has it. */
export function attentionLimitsOf(config: Config): AttentionLimits {
  const { repeated_failures, alertmanager } = objectivesOf(config);
  return {
    windowSeconds: durationSeconds(repeated_failures.window),
    repeatedFailures: repeated_failures.count,
    // A runner beats several times in a lease; one that is not ours may ask for tasks every few minutes.
    liveWithinSeconds: Math.max(300, 2 * config.tasks.lease_seconds),
    alertRepeatSeconds: repeatSeconds(alertmanager),
  };
}

/** How long Alertmanager may be silent about an alert that fires: it repeats at the first interval of the group after. */
function repeatSeconds({ repeat_interval, group_interval }: Objectives['alertmanager']): number {
  return durationSeconds(repeat_interval) + 2 * durationSeconds(group_interval) + 60;
}

/** The routes of the default settings, to be described and never called: their store is not opened. */
export function declaredRoutes(): Route[] {
  const clock = systemClock;
  const store = new SqliteStore(':memory:', clock);
  const metrics = { observeOutcome: () => {}, exposition: async () => ({ text: '', contentType: '' }) };
  const access = { tokens: [], open: true, hosts: [] };
  const site = { access, clock, sessions: new Sessions({ secret: '', access, clock, seconds: 1 }) };
  return routesOf(parseConfig({}), { store, metrics, clock, prices: [], onAlerts: () => {}, site });
}

async function overviewText({ budgets }: Store, budget: Budget): Promise<string> {
  // The page is there without a store as well.
  const states = await budgets.list(budget).catch(() => []);
  const throttled = states.some(({ throttled }) => throttled);
  return [
    `Andon ${version}`,
    '',
    ...(throttled ? ['A budget is spent: only critical tasks are handed out (/api/agent/budget).', ''] : []),
    '/api/agent/metrics           success, time and cost of the last 7 days',
    '/api/agent/pipeline-status   what runs, what waits, what needs a person',
    '/api/agent/tasks             tasks, newest first',
    '/api/agent/executors         executors that are paused or closed',
    '/api/agent/budget            what was spent of which budget',
    '/api/agent/improvements      proposals and what became of them',
    '/api/agent/alerts            what Alertmanager sent',
    '/metrics                     for Prometheus',
    '/openapi.json                all of the API',
    '',
  ].join('\n');
}
