import type { IncidentKind } from '../incident.ts';

/** What can go wrong with Andon itself, Prometheus and Alertmanager. */
export const selfIncidents: readonly IncidentKind[] = [
  {
    name: 'the service is down',
    a_month: 2,
    hours: [8, 18],
    anyDay: true,
    minutes: [20, 90],
    make: () => ({
      fault: { kind: 'service_down' },
      expected: { alert: 'AndonServiceAbsent' },
      follows: ['AndonNotificationsFailing', 'AndonSpoolGrowing'],
      touches: ['all', 'self'],
    }),
  },
  {
    name: 'the store is locked or full',
    a_month: 2,
    hours: [8, 18],
    anyDay: true,
    minutes: [20, 90],
    make: () => ({
      fault: { kind: 'store_down' },
      expected: { alert: 'AndonStoreFailing' },
      follows: ['AndonNotificationsFailing', 'AndonSpoolGrowing', 'AndonWebhookFailing'],
      touches: ['all', 'self'],
    }),
  },
  {
    name: 'the webhook answers with errors',
    a_month: 2,
    hours: [0, 24],
    anyDay: true,
    minutes: [45, 120],
    make: () => ({
      fault: { kind: 'webhook_errors' },
      expected: { alert: 'AndonWebhookFailing' },
      follows: ['AndonNotificationsFailing'],
      touches: ['self'],
    }),
  },
  {
    name: 'a runner cannot deliver',
    a_month: 2,
    hours: [9, 15],
    minutes: [90, 180],
    make: (random) => {
      const runner = random.pick(['r1', 'r2']);
      return {
        fault: { kind: 'undelivered_outcomes', runner },
        expected: { alert: 'AndonSpoolGrowing', labels: { runner } },
        touches: ['all', 'self'],
      };
    },
  },
  {
    name: 'a label with too many values',
    a_month: 1,
    hours: [9, 18],
    minutes: [60, 120],
    make: () => ({
      fault: { kind: 'label_overflow' },
      expected: { alert: 'AndonLabelOverflow', labels: { label: 'variant' } },
      tail: 1440,
      touches: ['overflow'],
    }),
  },
  {
    name: 'Prometheus reaches no Alertmanager',
    a_month: 2,
    hours: [0, 24],
    anyDay: true,
    minutes: [30, 120],
    make: () => ({
      fault: { kind: 'no_alertmanager' },
      expected: { alert: 'AndonAlertmanagerUnreachable' },
      touches: ['self'],
    }),
  },
  {
    name: 'messages that cannot be delivered',
    a_month: 2,
    hours: [0, 24],
    anyDay: true,
    minutes: [45, 180],
    make: () => ({
      fault: { kind: 'undelivered_messages' },
      expected: { alert: 'AndonNotificationsFailing', labels: { integration: 'email' } },
      touches: ['self'],
    }),
  },
  {
    name: 'rules that cannot be evaluated',
    a_month: 1,
    hours: [0, 24],
    anyDay: true,
    minutes: [45, 180],
    make: () => ({
      fault: { kind: 'rules_fail' },
      expected: { alert: 'AndonRulesFailing' },
      touches: ['self'],
    }),
  },
];
