import { recorded } from '../../recording-rules.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink, tracesLink } from '../links.ts';
import { bars, lines } from '../panels/chart.ts';
import { table } from '../panels/table.ts';
import { matching, quantile, share } from '../queries.ts';
import { filters, finished } from './work-queries.ts';

/** What finished, how well and how fast. */
export const work: Section = {
  title: 'What was done',
  panels: [
    bars({
      title: 'Finished tasks',
      description:
        'Tasks that came to their last outcome; each bar counts those until the next one: an hour where a day is shown. ' +
        'Without what the provider, the set-up or a person ended.',
      width: 12,
      unit: 'short',
      queries: [{ expr: finished('$__interval', ['status']), legend: '{{status}}' }],
      colours: { completed: 'green', failed: 'red' },
      links: [tasksLink(['status'], 'series')],
      noValue: 'no tasks yet',
    }),
    lines({
      title: 'Success by task type',
      description:
        'The share of the tasks that finished in the 24 hours before each moment that were completed.',
      width: 12,
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: share(finished1d('status="completed"'), finished1d()), legend: '{{task_type}}' }],
      links: [tasksLink(['task_type'], 'series')],
      noValue: 'nothing finished in 24 hours',
    }),
    table({
      title: 'Task types and models',
      description:
        'In the time shown. Times are of attempts, to the full quarter of an hour, p50 of 4 or more and p95 of 20 or more; “queue” is from when a ' +
        'task could run until it did.',
      width: 24,
      rows: ['task_type', 'model'],
      columns: [
        {
          title: 'finished',
          unit: 'short',
          decimals: 0,
          expr: `${finished('$__range', ['task_type', 'model'])} > 0`,
        },
        {
          title: 'success',
          unit: 'percentunit',
          expr: share(
            finished('$__range', ['task_type', 'model'], 'status="completed"'),
            finished('$__range', ['task_type', 'model']),
          ),
        },
        ...(['duration', 'queue'] as const).flatMap((metric) =>
          ([0.5, 0.95] as const).map((of) => ({
            title: `${metric === 'queue' ? 'queue ' : ''}p${of * 100}`,
            unit: 's',
            expr: quantile(of, { metric, by: ['task_type', 'model'], filters, window: '$__range' }),
          })),
        ),
      ],
      links: [tasksLink(['task_type', 'model'], 'row'), tracesLink(['task_type'], 'row')],
      noValue: 'no tasks yet',
    }),
    ...(
      [
        ['p50', recorded.p50, 'Half of the attempts', 4],
        ['p95', recorded.p95, '95 % of the attempts', 20],
      ] as const
    ).map(([name, series, which, least]) =>
      lines({
        title: `Duration, ${name}`,
        description: `${which} of the 24 hours before each moment took no longer, where there were ${least} or more.`,
        width: 12,
        unit: 's',
        queries: [
          { expr: `${series}{${matching(['project', 'task_type'])}}`, legend: '{{project}} {{task_type}}' },
        ],
        links: [
          tasksLink(['project', 'task_type'], 'series'),
          tracesLink(['project', 'task_type'], 'series'),
        ],
        noValue: `fewer than ${least} attempts in 24 hours`,
        mayBeEmpty: name === 'p95',
      }),
    ),
  ],
};

function finished1d(...more: string[]): string {
  return `sum by (task_type) (${recorded.finished1d}{${matching(filters, ...more)}})`;
}
