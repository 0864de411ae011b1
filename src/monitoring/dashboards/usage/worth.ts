import { recorded } from '../../recording-rules.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { bars, lines } from '../panels/chart.ts';
import { table } from '../panels/table.ts';
import { matching, share } from '../queries.ts';
import { notionalOnly, paidOnly, within } from './usage-queries.ts';

const rows = ['project', 'task_type'] as const;
const paid = within('$__range', rows, 'cost_usd', paidOnly);
const completed = within('$__range', rows, 'tasks_finished', 'status="completed"');
const accepted = within('$__range', rows, 'verdicts', 'verdict="accepted"');
const dollars = { unit: 'currencyUSD', decimals: 2 } as const;
const count = { unit: 'short', decimals: 0 } as const;

/** What the money came to. */
export const worth: Section = {
  title: 'What a task costs',
  panels: [
    table({
      title: 'Cost per task',
      description:
        'In the time shown; failed attempts are part of what a task cost. “Accepted” counts verdicts given in that time, ' +
        'whenever the work was done. Where attempts are without a price the true cost is higher.',
      width: 16,
      rows,
      columns: [
        { title: 'paid', ...dollars, expr: paid },
        { title: 'notional', ...dollars, expr: within('$__range', rows, 'cost_usd', notionalOnly) },
        { title: 'completed', ...count, expr: completed },
        { title: 'per completed', ...dollars, expr: share(paid, completed) },
        { title: 'accepted', ...count, expr: accepted },
        { title: 'per accepted', ...dollars, expr: share(paid, accepted) },
        { title: 'without a price', ...count, expr: `${within('$__range', rows, 'unpriced_attempts')} > 0` },
      ],
      links: [tasksLink(rows, 'row')],
      noValue: 'no tasks yet',
    }),
    lines({
      title: 'Paid per completed task',
      description: 'Of the 24 hours before each moment, failed attempts included.',
      width: 8,
      unit: 'currencyUSD',
      queries: [
        {
          expr: `${recorded.paidPerCompleted1d}{${matching(rows)}}`,
          legend: '{{project}} {{task_type}}',
        },
      ],
      links: [tasksLink(rows, 'series')],
      noValue: 'no task was completed',
    }),
    bars({
      title: 'Paid and notional',
      description:
        'By how it is billed: metered or unknown is money; subscription is notional, what it would have cost by the token.',
      width: 12,
      unit: 'currencyUSD',
      queries: [{ expr: within('$__interval', ['billing'], 'cost_usd'), legend: '{{billing}}' }],
      noValue: 'no cost is known',
    }),
    bars({
      title: 'Attempts without a price, by executor',
      description: 'Attempts whose cost nobody knows; each bar counts those until the next one.',
      width: 12,
      unit: 'short',
      queries: [{ expr: within('$__interval', ['executor'], 'unpriced_attempts'), legend: '{{executor}}' }],
      links: [tasksLink(['executor'], 'series')],
      noValue: '✓ none',
      mayBeEmpty: true,
    }),
  ],
};
