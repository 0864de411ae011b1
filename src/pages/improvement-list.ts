import { z } from 'zod';
import type { Route } from '../api/route.ts';
import type { Improvement } from '../domain/improvement.ts';
import { improvementStates } from '../domain/improvement-state.ts';
import type { ImprovementStore } from '../domain/improvement-store.ts';
import type { Page as StorePage } from '../domain/page.ts';
import { stateBadge } from './badge.ts';
import { ageOf, countText } from './figures.ts';
import { filterForm, pager } from './filters.ts';
import { type Html, html } from './html.ts';
import { improvementPath } from './improvement-link.ts';
import { type Page, page } from './page-route.ts';
import { table } from './table.ts';
import type { Site, Visit } from './visit.ts';

const perPage = 50;

const query = z.object({
  state: z.enum(improvementStates).optional(),
  kind: z.string().optional(),
  alert_fingerprint: z.string().optional().meta({
    description: 'Of an alert: what came of it. Messages about an alert link here with it.',
  }),
  cursor: z.string().max(500).optional(),
});
type ImprovementFilters = Omit<z.output<typeof query>, 'cursor'>;

/** The list of proposals and what became of them, newest first. */
export function improvementListRoute(site: Site, improvements: ImprovementStore): Route {
  return page(site, {
    path: '/improvements',
    summary: 'The list of improvements, newest first',
    scope: 'read',
    query,
    async show(visit, { query: { cursor, ...wanted } }) {
      const [found, counts] = await Promise.all([
        improvements.list({ ...wanted, cursor, limit: perPage }),
        improvements.countByState(),
      ]);
      const kinds = [...new Set(counts.map(({ kind }) => kind))].sort();
      return improvementListPage(visit, { found, cursor, wanted, kinds });
    },
  });
}

function improvementListPage(
  visit: Visit,
  {
    found,
    cursor,
    wanted,
    kinds,
  }: {
    found: StorePage<Improvement>;
    cursor: string | undefined;
    wanted: ImprovementFilters;
    kinds: readonly string[];
  },
): Page {
  const action = visit.to('/improvements');
  const filters = [
    { name: 'state', label: 'State', choices: improvementStates },
    { name: 'kind', label: 'Kind', choices: kinds },
    { name: 'alert_fingerprint', label: 'Alert (fingerprint)' },
  ];
  return {
    title: 'Improvements',
    body: html`<h1>Improvements</h1>
<p class="hint">What alerts propose. Nothing is done before a person approves it.</p>
${filterForm(filters, wanted, action)}
${found.items.length === 0 ? nothing(visit, wanted, cursor) : improvementTable(visit, found.items)}
${pager({ next_cursor: found.next_cursor, cursor }, wanted, action)}`,
  };
}

function nothing(
  { to }: Visit,
  { alert_fingerprint, state, kind }: ImprovementFilters,
  cursor?: string,
): Html {
  if (alert_fingerprint !== undefined) {
    return html`<div class="empty"><p>Nothing is proposed because of this alert. It may ask for none (see its
runbook), it may have come just now, or the same was proposed or rejected not long ago.</p>
<p><a href="${to('/improvements')}">All improvements</a></p></div>`;
  }
  if (state ?? kind ?? cursor) {
    return html`<p class="empty">No improvement is like that. <a href="${to('/improvements')}">Show all</a></p>`;
  }
  return html`<p class="empty">Nothing was proposed yet. When an alert that Andon knows fires, what to do about it
is proposed here.</p>`;
}

function improvementTable(visit: Visit, items: readonly Improvement[]): Html {
  return table({
    caption: 'Newest first',
    columns: [
      { title: 'Proposal' },
      { title: 'State', as: 'wide' },
      { title: 'Kind', as: 'short' },
      { title: 'From', as: 'wide' },
      { title: 'Project', as: 'short' },
      { title: 'Calls', as: 'figure' },
      { title: 'Proposed', as: 'short' },
    ],
    rows: items.map((item) => [
      improvementLink(visit, item),
      html`${stateBadge(item.state)}${item.task_id && html` <a href="${visit.to(`/tasks/${item.task_id}`)}">its task</a>`}`,
      item.kind,
      item.held_back ? `${countText(item.held_back.total)} held back` : item.alert,
      item.task.project,
      countText(item.calls),
      ageOf(item.proposed_at, visit.now),
    ]),
  });
}

function improvementLink(visit: Visit, { id, title }: Improvement): Html {
  return html`<a href="${improvementPath(visit, id)}">${title}</a>`;
}
