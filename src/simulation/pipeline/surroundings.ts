import { jobs, ledgerMetrics, runnerGauges, serviceMetrics, storeGauges } from '../../telemetry/names.ts';
import { timeOf } from '../calendar.ts';
import type { Series } from '../series-table.ts';
import type { PipelineState } from './state.ts';

/** Names of the servers' own series, as their releases have them. */
const group = '/etc/prometheus/rules/andon.alerts.yml;andon-alerts-1';
const slowGroup = '/etc/prometheus/rules/andon.alerts.yml;andon-slow-alerts-1';

/** What answers in this minute. */
export interface Answers {
  service: boolean;
  store: boolean;
}

/** What Prometheus, Alertmanager, the service and the runners say of themselves. */
export function showSurroundings(state: PipelineState, answers: Answers): void {
  const { table } = state;
  table.gauge('prometheus', 'up', { job: jobs.service, instance: 'andon:8000' }).value = answers.service
    ? 1
    : 0;
  for (const { id, alive } of state.runners) {
    const instance = `${id}:9464`;
    table.gauge('prometheus', 'up', { job: jobs.runner, instance, runner: id }).value = alive ? 1 : 0;
  }
  table.gauge('service', serviceMetrics.store_up.name).value = answers.store ? 1 : 0;
  showSpools(state, answers);
  showWebhook(state, answers);
  showPrometheus(state);
  showAlertmanager(state, answers);
  if (state.faults.beginning('label_overflow', state.minute).length > 0) overflow(state).value += 3;
  else overflow(state);
}

function overflow({ table }: PipelineState): Series {
  return table.counter('store', ledgerMetrics.label_overflow.name, { label: 'variant' });
}

function showSpools(state: PipelineState, answers: Answers): void {
  const { faults, minute, table } = state;
  for (const { id } of state.runners) {
    const blocked = faults.active('undelivered_outcomes', minute).some(({ runner }) => runner === id);
    const waiting = state.attempts.filter(
      (attempt) => attempt.runner === id && attempt.ends_at <= minute && !attempt.stuck,
    );
    table.gauge(`runner:${id}`, runnerGauges.spool.name, { runner: id }).value =
      blocked || !answers.service || !answers.store ? waiting.length : 0;
  }
}

/** Alertmanager calls at each group interval while something fires, and now and then of the watchdog. */
function showWebhook({ table, faults, minute }: PipelineState, { service, store }: Answers): void {
  const name = `${serviceMetrics.http_duration.name}_count`;
  const calls = (status_code: string) =>
    table.counter('service', name, { method: 'POST', route: '/api/alerts', status_code });
  const fails = faults.active('webhook_errors', minute).length > 0 || !store;
  if (minute % 5 === 0 && service) calls(fails ? '503' : '200').value += 1;
  else calls('200');
  calls('503');
  table.gauge('store', storeGauges.alerts_unsettled.name).value = 0;
  const lastCall = table.gauge('store', storeGauges.webhook_last_call.name);
  if (service && !fails && (minute % 60 === 0 || Number.isNaN(lastCall.value)))
    lastCall.value = timeOf(minute);
}

function showPrometheus({ table, faults, minute }: PipelineState): void {
  const own = { job: 'prometheus', instance: 'prometheus:9090' };
  const away = faults.active('no_alertmanager', minute).length > 0;
  for (const rule_group of [group, slowGroup]) {
    table.gauge('prometheus', 'prometheus_rule_group_rules', { ...own, rule_group }).value = 15;
    const failures = table.counter('prometheus', 'prometheus_rule_evaluation_failures_total', {
      ...own,
      rule_group,
    });
    const fails = rule_group === group && faults.active('rules_fail', minute).length > 0;
    failures.value += fails ? 4 : 0;
  }
  table.gauge('prometheus', 'prometheus_notifications_alertmanagers_discovered', own).value = 1;
  const dropped = table.counter('prometheus', 'prometheus_notifications_dropped_total', own);
  dropped.value += away ? 2 : 0;
}

function showAlertmanager({ table, faults, minute }: PipelineState, { service, store }: Answers): void {
  const own = { job: 'alertmanager', instance: 'alertmanager:9093' };
  for (const integration of ['webhook', 'email']) {
    const sent = table.counter('alertmanager', 'alertmanager_notifications_total', { ...own, integration });
    const failed = table.counter('alertmanager', 'alertmanager_notifications_failed_total', {
      ...own,
      integration,
    });
    if (minute % 5 !== 0) continue;
    const fails =
      integration === 'email'
        ? faults.active('undelivered_messages', minute).length > 0
        : !service || !store || faults.active('webhook_errors', minute).length > 0;
    sent.value += 1;
    failed.value += fails ? 1 : 0;
  }
}
