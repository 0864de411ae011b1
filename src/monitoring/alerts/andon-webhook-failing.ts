import { serviceMetrics, storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { firing } from '../fired-alerts.ts';
import { durationSeconds, type Objectives } from '../objectives.ts';
import { enclose } from '../promql.ts';

/** As the service calls it in the label. */
const webhookRoute = '/api/alerts';

/**
 * Calls are mostly refused; or what they brought is not worked off; or none comes any more, though `Watchdog` fires
 * always. One that has never come is no fault: whoever sends nothing here may want it so.
 */
function expr({ self: { window, webhook_silence } }: Objectives): string {
  const calls = `${serviceMetrics.http_duration.name}_count{route="${webhookRoute}",status_code`;
  const errors = `sum (increase(${calls}=~"5.."}[${window}]))`;
  const failing = [
    // Half of one more, since `increase` makes two in a window a little more than two.
    `${errors} > 2.5`,
    'unless on ()',
    `(sum (increase(${calls}!~"5.."}[${window}])) > ${errors})`,
    'or',
    `min (min_over_time(${storeGauges.alerts_unsettled.name}[${window}])) > 0`,
    'or',
    `time() - max (${storeGauges.webhook_last_call.name} > 0) > ${durationSeconds(webhook_silence)}`,
  ].join('\n');
  // What failed while the service or its store was away has been told of.
  return [
    enclose(failing),
    'unless on ()',
    firing('AndonServiceAbsent', window),
    'unless on ()',
    firing('AndonStoreFailing', window),
  ].join('\n');
}

export const andonWebhookFailing: AlertDeclaration = {
  name: 'AndonWebhookFailing',
  severity: 'warning',
  category: 'self',
  expr,
  condition: ({ self: { window, webhook_silence } }) =>
    `Most of Alertmanager’s calls within ${window} were answered with an error of the service, or alerts that it brought ` +
    `have not been worked off for ${window}, or it has not called for ${webhook_silence}.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Alerts do not get from Alertmanager into Andon.',
  description: ({ self: { window, webhook_silence } }) =>
    `Within ${window} Alertmanager’s calls failed or what they brought was not worked off, or no call has come for ` +
    `${webhook_silence}. Alerts become no proposals, and Andon does not show them.`,
  subject: [],
  inhibitedBy: [
    { alert: 'AndonServiceAbsent' },
    { alert: 'AndonStoreFailing' },
    { alert: 'AndonAlertmanagerUnreachable' },
  ],
  dashboard: 'self',
};
