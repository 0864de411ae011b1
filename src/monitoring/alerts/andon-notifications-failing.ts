import type { AlertDeclaration } from '../alert-declaration.ts';

export const andonNotificationsFailing: AlertDeclaration = {
  name: 'AndonNotificationsFailing',
  severity: 'warning',
  category: 'self',
  // Only where Alertmanager is scraped. What failed is tried again at each group interval, five minutes by default.
  // Half of one more, since `increase` makes one in a window a little more than one.
  expr: ({ self: { window } }) => {
    const failed = `sum by (integration) (increase(alertmanager_notifications_failed_total[${window}]))`;
    const all = `sum by (integration) (increase(alertmanager_notifications_total[${window}]))`;
    return `${failed} > 1.5\nand on (integration)\n${failed} > 0.5 * ${all}`;
  },
  condition: ({ self: { window } }) =>
    `Alertmanager could not deliver most of its messages of one kind within ${window}, and more than one.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Alertmanager cannot deliver its messages.',
  description: ({ self: { window } }) =>
    `Most {{ $labels.integration }} messages of Alertmanager have failed within ${window}.`,
  subject: ['integration'],
  inhibitedBy: [
    { alert: 'AndonServiceAbsent' },
    { alert: 'AndonStoreFailing' },
    { alert: 'AndonWebhookFailing' },
  ],
  dashboard: 'self',
};
