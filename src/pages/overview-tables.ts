import type { Store } from '../domain/store.ts';
import type { AttentionLimits, PipelineStatus } from '../reports/pipeline-status.ts';
import { stateBadge } from './badge.ts';
import { ageOf, durationText, plural, usdText } from './figures.ts';
import { type Html, html } from './html.ts';
import { type Column, table } from './table.ts';
import { taskLink } from './task-link.ts';
import type { Visit } from './visit.ts';

type Brief = PipelineStatus['running'][number];

/** What runs, the longest first. */
export function runningTable(visit: Visit, { running }: PipelineStatus): Html {
  if (running.length === 0) return html`<p class="empty">Nothing runs.</p>`;
  return table({
    caption: 'Running, the longest first',
    columns: [{ title: 'Task' }, ...kindColumns, { title: 'For', as: 'figure' }],
    rows: running.map((one) => [taskLink(visit, one), ...kindCells(one), took(one)]),
  });
}

/** What runners get next. */
export function nextTable(visit: Visit, { pending: { next } }: PipelineStatus): Html {
  if (next.length === 0) return html``;
  return table({
    caption: 'Next in the queue',
    columns: [{ title: 'Task' }, ...kindColumns, { title: 'Waits for', as: 'figure' }],
    rows: next.slice(0, 10).map((one) => [taskLink(visit, one), ...kindCells(one), took(one)]),
  });
}

/** What ended last; how to begin, before anything has. */
export function recentTable(visit: Visit, { recent }: PipelineStatus): Html {
  if (recent.length === 0) {
    return html`<section class="empty"><h2>No task has ended yet</h2>
<p>Queue one: <code>npx andon task "Say hello"</code>, or measure a command you already have:
<code>npx andon exec -- claude -p …</code></p></section>`;
  }
  return html`${table({
    caption: 'Ended last',
    columns: [
      { title: 'Task' },
      { title: 'Status', as: 'wide' },
      ...kindColumns,
      { title: 'Took', as: 'figure' },
    ],
    rows: recent.map((one) => [
      taskLink(visit, one),
      html`${stateBadge(one.status)} ${one.error_class}`,
      ...kindCells(one),
      took(one),
    ]),
  })}<p><a href="${visit.to('/tasks')}">All tasks</a></p>`;
}

const kindColumns: Column[] = [
  { title: 'Project', as: 'short' },
  { title: 'Type', as: 'short' },
  { title: 'Executor', as: 'short' },
];

function kindCells({ project, task_type, executor }: Brief): string[] {
  return [project, task_type, executor];
}

function took({ seconds }: Brief): string {
  return seconds === undefined ? '' : durationText(seconds);
}

/** The runners that were heard of. */
export function runnersTable(
  visit: Visit,
  runners: Awaited<ReturnType<Store['runners']['list']>>,
  { liveWithinSeconds }: AttentionLimits,
): Html {
  if (runners.length === 0) {
    return html`<p class="empty">No runner was heard of in the last day. Start one: <code>npx andon run</code></p>`;
  }
  const live = (seenAt: number) => visit.now - seenAt <= liveWithinSeconds * 1000;
  return table({
    caption: 'Runners',
    columns: [{ title: 'Runner' }, { title: 'Heard of' }, { title: 'Takes', as: 'wide' }],
    rows: runners.map(({ runner, seen_at, asks }) => [
      runner,
      html`${live(seen_at) ? '' : html`<strong>silent</strong>, `}${ageOf(new Date(seen_at).toISOString(), visit.now)}`,
      asks ? asks.executors.join(', ') : '',
    ]),
  });
}

/** What was spent of which budget. */
export function budgetsTable({ budgets }: PipelineStatus): Html {
  if (budgets.length === 0) return html``;
  return table({
    caption: 'Spent in the last 24 hours',
    columns: [
      { title: 'Budget' },
      { title: 'Spent', as: 'figure' },
      { title: 'Limit', as: 'figure' },
      { title: 'Share', as: 'wide' },
    ],
    rows: budgets.map(({ project, spent_usd, limit_usd, unpriced_attempts }) => [
      project ?? 'all projects together',
      html`${usdText(spent_usd)}${unpriced_attempts > 0 && html` <span class="hint">and ${plural(unpriced_attempts, 'attempt')} of unknown cost</span>`}`,
      usdText(limit_usd),
      html`<meter min="0" max="${limit_usd}" value="${spent_usd}">${Math.round((100 * spent_usd) / limit_usd)} %</meter>
${Math.round((100 * spent_usd) / limit_usd)} %`,
    ]),
  });
}
