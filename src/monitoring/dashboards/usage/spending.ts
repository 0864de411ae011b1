import { outcomeLabelNames } from '../../../telemetry/names.ts';
import { baselines } from '../../recording/baselines.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { bars, lines } from '../panels/chart.ts';
import { ranking } from '../panels/ranking.ts';
import { matching } from '../queries.ts';
import { paidOnly, within } from './usage-queries.ts';

/** What the money went to. */
export const spending: Section = {
  title: 'Where it goes',
  panels: [
    bars({
      title: 'Paid, by project',
      description: 'US dollars; each bar is of the time until the next one: an hour where a day is shown.',
      width: 12,
      unit: 'currencyUSD',
      queries: [{ expr: within('$__interval', ['project'], 'cost_usd', paidOnly), legend: '{{project}}' }],
      links: [tasksLink(['project'], 'series')],
      noValue: 'nothing was paid',
    }),
    lines({
      title: 'The last hour against a usual day’s largest',
      description:
        'What the hour before each moment came to, and (dashed) the largest hour of a usual day: the median of the last 7 days with work. Far above it is a spike; those that an alert told of are marked in purple.',
      width: 12,
      unit: 'currencyUSD',
      queries: [
        { expr: `${baselines.cost.now}{${matching(['project'])}}`, legend: 'hour {{project}}' },
        { expr: `${baselines.cost.usual}{${matching(['project'])}}`, legend: 'usual {{project}}' },
      ],
      dashed: '^usual.*',
      links: [tasksLink(['project'], 'series')],
      noValue: 'nothing was paid',
    }),
    ...outcomeLabelNames.map((label, index) =>
      ranking({
        title: `Paid, by ${label.replace('_', ' ')}`,
        description: 'US dollars in the time shown, the most first.',
        width: index < 3 ? 8 : 12,
        unit: 'currencyUSD',
        query: { expr: within('$__range', [label], 'cost_usd', paidOnly), legend: `{{${label}}}` },
        links: [tasksLink([label], 'series')],
        noValue: 'nothing was paid',
      }),
    ),
  ],
};
