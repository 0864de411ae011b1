import type { AlertDeclaration } from '../alert-declaration.ts';

export const watchdog: AlertDeclaration = {
  name: 'Watchdog',
  severity: 'info',
  category: 'self',
  expr: () => 'vector(1)',
  condition: () => 'Always: while it arrives, Prometheus and Alertmanager work.',
  for: () => '0s',
  summary: 'Alerts are evaluated and delivered.',
  description: () =>
    'This alert always fires. Where it stops arriving, Prometheus, Alertmanager or the way between them is broken.',
  subject: [],
  dashboard: 'self',
};
