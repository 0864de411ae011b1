import type { AlertDeclaration } from '../alert-declaration.ts';
import { firing } from '../fired-alerts.ts';
import { enclose } from '../promql.ts';

/** What keeps Alertmanager from calling the service, and is told of. */
const causes = ['AndonServiceAbsent', 'AndonStoreFailing', 'AndonWebhookFailing'] as const;

export const andonNotificationsFailing: AlertDeclaration = {
  name: 'AndonNotificationsFailing',
  severity: 'warning',
  category: 'self',
  // Only where Alertmanager is scraped. What failed is tried again at each group interval, five minutes by default.
  // Half of one more, since `increase` makes one in a window a little more than one.
  expr: ({ self: { window } }) => {
    const failed = `sum by (integration) (increase(alertmanager_notifications_failed_total[${window}]))`;
    const all = `sum by (integration) (increase(alertmanager_notifications_total[${window}]))`;
    const told = enclose(causes.map((cause) => firing(cause, window)).join('\nor\n'));
    return [
      `${failed} > 1.5`,
      'and on (integration)',
      `${failed} > 0.5 * ${all}`,
      'unless on (integration)',
      `label_replace(${told}, "integration", "webhook", "", "")`,
    ].join('\n');
  },
  condition: ({ self: { window } }) =>
    `Alertmanager could not deliver most of its messages of one kind within ${window}, and more than one.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Alertmanager cannot deliver its messages.',
  description: ({ self: { window } }) =>
    `Most {{ $labels.integration }} messages of Alertmanager have failed within ${window}.`,
  subject: ['integration'],
  inhibitedBy: causes.map((alert) => ({ alert })),
  dashboard: 'self',
};
