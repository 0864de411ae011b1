import { ledgerMetrics } from '../../telemetry/names.ts';
import { quarterSeries } from '../recording/quarters.ts';
import { counted } from './counts.ts';
import type { DashboardDeclaration, PanelDeclaration } from './dashboard-declaration.ts';
import { dashboardFilters } from './filters.ts';
import { tasksLink } from './links.ts';
import { bars } from './panels/chart.ts';
import { type Column, table } from './panels/table.ts';
import { inQuarters, quantile, share, stored, sumBy, wilsonBound } from './queries.ts';

const filters = dashboardFilters.variants;

/** What is set side by side: a label of outcomes, or a tag that is part of `variant`. */
interface Side {
  title: string;
  label: string;
  /** What the label is called within `variant`. */
  tag?: string;
  noValue: string;
}

const noValue = 'nothing before the last full quarter of an hour';
const sides: readonly Side[] = [
  { title: 'Variants', label: 'variant', noValue },
  { title: 'Models', label: 'model', noValue },
  { title: 'Executors', label: 'executor', noValue },
  { title: 'Prompts', label: 'prompt', tag: 'prompt', noValue: 'no task names a prompt variant' },
  { title: 'Skills', label: 'skill', tag: 'skill', noValue: 'no task names a skill version' },
];

/** Only what has the tag. */
function matchersOf({ tag }: Side): string[] {
  return tag === undefined ? [] : [`variant=~"(.*,)?${tag}:.+"`];
}

/** The tag as a label of its own. */
function relabelled({ label, tag }: Side, expr: string): string {
  if (tag === undefined) return expr;
  return `label_replace(\n${expr}\n, "${label}", "$1", "variant", "(?:.*,)?${tag}:([^,]+).*")`;
}

function columnsOf(side: Side): Column[] {
  const by = [side.label];
  const within = (record: string, ...more: string[]) =>
    sumBy(by, relabelled(side, inQuarters(record, filters, '$__range', ...matchersOf(side), ...more)));
  const finished = within(quarterSeries.finished);
  const completed = within(quarterSeries.finished, 'status="completed"');
  const time = (of: 0.5 | 0.95) =>
    quantile(of, {
      metric: 'duration',
      by,
      filters,
      window: '$__range',
      matchers: matchersOf(side),
      relabel: (expr) => relabelled(side, expr),
    });
  const percent = { unit: 'percentunit', decimals: 0 };
  const dollars = { unit: 'currencyUSD', decimals: 2 };
  return [
    { title: 'finished', unit: 'short', decimals: 0, expr: `${finished} > 0` },
    { title: 'success', ...percent, expr: share(completed, finished) },
    { title: 'at least', ...percent, expr: wilsonBound('lower', completed, finished) },
    { title: 'at most', ...percent, expr: wilsonBound('upper', completed, finished) },
    { title: 'p50', unit: 's', expr: time(0.5) },
    { title: 'p95', unit: 's', expr: time(0.95) },
    { title: 'cost per completed', ...dollars, expr: share(within(quarterSeries.cost), completed) },
    { title: 'without a price', unit: 'short', decimals: 0, expr: `${within(quarterSeries.unpriced)} > 0` },
  ];
}

function sideBySide(side: Side): PanelDeclaration {
  return table({
    title: side.title,
    description:
      'In the time shown, to the full quarter of an hour. Success lies between “at least” and “at most” with 95 % confidence (Wilson): where two overlap, ' +
      'nothing is known of which is better, and without a test nothing is in any case, since they had other tasks. ' +
      'Cost is paid and notional together, so that it can be compared.',
    width: 24,
    rows: [side.label],
    columns: columnsOf(side),
    links: side.tag === undefined ? [tasksLink([side.label], 'row')] : [],
    noValue: side.noValue,
    mayBeEmpty: side.tag !== undefined,
  });
}

export const variants: DashboardDeclaration = {
  name: 'variants',
  title: 'Variants',
  answers: 'How do models, executors, prompts and skills compare, and how sure is that?',
  from: 'now-7d',
  sections: [
    { title: 'Side by side', panels: sides.map(sideBySide) },
    {
      title: 'How many, and when',
      panels: (['variant', 'model'] as const).map((label) =>
        bars({
          title: `Finished, by ${label}`,
          description: 'Each bar counts the tasks until the next one.',
          width: 12,
          unit: 'short',
          queries: [
            {
              expr: sumBy([label], counted(stored(ledgerMetrics.tasks_finished, filters), '$__interval')),
              legend: `{{${label}}}`,
            },
          ],
          links: [tasksLink([label], 'series')],
          noValue: 'no tasks yet',
        }),
      ),
    },
  ],
};
