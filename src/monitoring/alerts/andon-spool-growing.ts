import { runnerGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';

export const andonSpoolGrowing: AlertDeclaration = {
  name: 'AndonSpoolGrowing',
  severity: 'warning',
  category: 'self',
  expr: ({ self: { window } }) =>
    [
      `max by (runner) (${runnerGauges.spool.name})`,
      'and on (runner)',
      `max by (runner) (min_over_time(${runnerGauges.spool.name}[${window}])) > 0`,
    ].join('\n'),
  condition: ({ self: { window } }) =>
    `A runner has had outcomes for ${window} that the service has not taken.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'A runner cannot deliver what its tasks came to.',
  description: ({ self: { window } }) =>
    `Runner {{ $labels.runner }} keeps {{ $value }} outcomes on disk, and has not been rid of them for ${window}. They ` +
    'are not lost, and count when they are delivered.',
  subject: ['runner'],
  inhibitedBy: [{ alert: 'AndonServiceAbsent' }, { alert: 'AndonStoreFailing' }],
  dashboard: 'self',
};
