/** What Prometheus and Alertmanager export of themselves, or write of us, and dashboards read: by name and labels. */
export const serverSeries = {
  up: { name: 'up', labels: ['job', 'instance', 'runner'] },
  alerts: { name: 'ALERTS', labels: [] },
  alertsSince: { name: 'ALERTS_FOR_STATE', labels: [] },
  ruleFailures: { name: 'prometheus_rule_evaluation_failures_total', labels: ['instance', 'rule_group'] },
  alertmanagers: { name: 'prometheus_notifications_alertmanagers_discovered', labels: ['instance'] },
  dropped: { name: 'prometheus_notifications_dropped_total', labels: ['instance'] },
  messagesFailed: { name: 'alertmanager_notifications_failed_total', labels: ['instance', 'integration'] },
} as const;
