import type { DashboardDeclaration } from './dashboard-declaration.ts';
import { ownMonitoring } from './self/own-monitoring.ts';
import { ownRunners } from './self/own-runners.ts';
import { ownService } from './self/own-service.ts';

export const self: DashboardDeclaration = {
  name: 'self',
  title: 'Andon itself',
  answers:
    'Do the service, the runners, Prometheus and Alertmanager work, so that the other dashboards can be believed?',
  from: 'now-24h',
  sections: [ownService, ownRunners, ownMonitoring],
};
