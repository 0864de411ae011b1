import { storeGauges } from '../../../telemetry/names.ts';
import { budgetShare } from '../../budget-share.ts';
import { recorded } from '../../recording-rules.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { lines } from '../panels/chart.ts';
import { stat } from '../panels/stat.ts';
import { matching, stored } from '../queries.ts';
import { filters, notionalOnly, paidOnly, within } from './usage-queries.ts';

const spent = stored(storeGauges.budget_spent, filters);
const limit = stored(storeGauges.budget_limit, filters);
const whose = '{{project}}';

/** The budget of all projects has no project. */
function byProject(series: string): string {
  return `label_replace(max by (project) (${series}), "project", "all together", "project", "")`;
}

/** The rolling day, against what may be spent in it. */
export const budget: Section = {
  title: 'The last 24 hours, and the budget',
  panels: [
    stat({
      title: 'Paid in 24 hours',
      description:
        'US dollars of the last 24 hours, as far as they are known; without what a subscription covers.',
      width: 5,
      unit: 'currencyUSD',
      decimals: 2,
      expr: within('1d', [], 'cost_usd', paidOnly),
      noValue: 'nothing was paid',
    }),
    stat({
      title: 'Of the budget',
      description:
        'How much of the budget for 24 hours is spent: of the one that is nearest to its end, where there are several.',
      width: 5,
      unit: 'percentunit',
      expr: `max(${budgetShare}\nand on (project)\n${limit})`,
      orangeFrom: 0.8,
      redFrom: 1,
      noValue: 'no budget is set',
    }),
    stat({
      title: 'In 24 hours, at this pace',
      description: 'What a whole day comes to if it goes on as in the last 3 hours.',
      width: 5,
      unit: 'currencyUSD',
      decimals: 2,
      expr: `sum(avg_over_time(${recorded.paidByType1h}{${matching(['project', 'task_type'])}}[3h])) * 24`,
      noValue: 'nothing was paid',
    }),
    stat({
      title: 'Notional',
      description:
        'What the time shown would have cost by the token, of work that a subscription covers. Nobody pays this.',
      width: 4,
      unit: 'currencyUSD',
      decimals: 2,
      expr: within('$__range', [], 'cost_usd', notionalOnly),
      noValue: 'no subscription',
      mayBeEmpty: true,
    }),
    stat({
      title: 'Attempts without a price',
      description:
        'Attempts in the time shown whose cost nobody knows: it is missing from every sum here, and is not zero.',
      width: 5,
      unit: 'short',
      decimals: 0,
      expr: within('$__range', [], 'unpriced_attempts'),
      words: { 0: '✓ none' },
      orangeFrom: 1,
      noValue: '✓ none',
      mayBeEmpty: true,
      links: [tasksLink([], 'series')],
    }),
    lines({
      title: 'Rolling day against the budget',
      description:
        'What was paid in the 24 hours before each moment where there is a budget, the budget, and what it comes to in 4 hours if it goes on as in the last 4.',
      width: 24,
      unit: 'currencyUSD',
      queries: [
        { expr: byProject(spent), legend: `spent ${whose}` },
        { expr: byProject(limit), legend: `budget ${whose}` },
        {
          expr: byProject(`clamp_min(predict_linear(${spent}[4h], 4 * 3600), 0)`),
          legend: `forecast ${whose}`,
        },
      ],
      dashed: '^(budget|forecast).*',
      noValue: 'no budget is set',
    }),
  ],
};
