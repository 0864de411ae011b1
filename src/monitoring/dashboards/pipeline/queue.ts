import { storeGauges } from '../../../telemetry/names.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { lines } from '../panels/chart.ts';
import { age, quantile, stored } from '../queries.ts';
import { filters } from './work-queries.ts';

/** What waits, and for how long. */
export const queue: Section = {
  title: 'What waits',
  panels: [
    lines({
      title: 'Waiting tasks',
      description: 'Tasks in the queue, by task type; also those that may not run yet.',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (task_type) (${stored(storeGauges.tasks, filters, 'status="pending"')})`,
          legend: '{{task_type}}',
        },
      ],
      links: [tasksLink(['task_type'], 'series', 'status=pending')],
      noValue: 'no tasks yet',
    }),
    lines({
      title: 'Oldest waiting task',
      description: 'For how long the oldest task that could run has waited, by project and executor.',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: age(['project', 'executor'], stored(storeGauges.oldest_pending, filters)),
          legend: '{{project}} {{executor}}',
        },
      ],
      links: [tasksLink(['project', 'executor'], 'series', 'status=pending')],
      noValue: 'nothing waits',
      mayBeEmpty: true,
    }),
    lines({
      title: 'Time in the queue',
      description:
        'From when a task could run until an attempt began, of those that began in the 24 hours before each moment.',
      width: 8,
      unit: 's',
      queries: ([0.5, 0.95] as const).map((of) => ({
        expr: quantile(of, { metric: 'queue', by: [], filters, window: '1d' }),
        legend: `p${of * 100}`,
      })),
      dashed: 'p95',
      noValue: 'fewer than 4 attempts in 24 hours',
    }),
  ],
};
