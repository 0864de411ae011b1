import type { AlertDeclaration } from '../alert-declaration.ts';
import { alertGroups } from '../rule-groups.ts';

/**
 * Only of the Prometheus that evaluates these rules, and only where it scrapes itself: a stack that does not is not
 * told. Alerts are sent about once a minute, so an Alertmanager that starts again loses one or two sendings.
 */
export const andonAlertmanagerUnreachable: AlertDeclaration = {
  name: 'AndonAlertmanagerUnreachable',
  severity: 'critical',
  category: 'self',
  expr: ({ self: { window } }) =>
    [
      '(',
      '  max by (job, instance) (prometheus_notifications_alertmanagers_discovered) < 1',
      '  or',
      `  max by (job, instance) (changes(prometheus_notifications_dropped_total[${window}])) >= 5`,
      ')',
      'and on (job, instance)',
      `prometheus_rule_group_rules{rule_group=~"${alertGroups}"}`,
    ].join('\n'),
  condition: ({ self: { window } }) =>
    `The Prometheus that evaluates these rules knows no Alertmanager, or could give alerts to none again and again within ${window}.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Prometheus cannot hand its alerts to an Alertmanager.',
  description: () =>
    'Prometheus at {{ $labels.instance }} reaches no Alertmanager. Alerts fire there, and nobody is told of them.',
  subject: ['instance'],
  dashboard: 'self',
};
