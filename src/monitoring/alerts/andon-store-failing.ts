import { serviceMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';

export const andonStoreFailing: AlertDeclaration = {
  name: 'AndonStoreFailing',
  severity: 'critical',
  category: 'self',
  expr: ({ self: { store_window } }) =>
    `count (avg_over_time(${serviceMetrics.store_up.name}[${store_window}]) < 0.5) > 0`,
  condition: ({ self: { store_window } }) =>
    `A replica of the service could not read and write its store at most of the scrapes within ${store_window}.`,
  for: () => '1m',
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'The Andon service cannot use its store.',
  description: () =>
    '{{ $value }} {{ if eq $value 1.0 }}replica{{ else }}replicas{{ end }} of the service cannot read and write the ' +
    'store. No tasks are handed out and no outcomes are taken; runners keep theirs and deliver them later.',
  subject: [],
  inhibitedBy: [{ alert: 'AndonServiceAbsent' }],
  dashboard: 'self',
};
