import type { DashboardDeclaration } from './dashboard-declaration.ts';
import { failures } from './pipeline/failures.ts';
import { health } from './pipeline/health.ts';
import { queue } from './pipeline/queue.ts';
import { work } from './pipeline/work.ts';

export const pipeline: DashboardDeclaration = {
  name: 'pipeline',
  title: 'Pipeline',
  answers: 'Is the pipeline well, what is it doing, and what is it stuck on?',
  from: 'now-24h',
  sections: [health, work, queue, failures],
};
