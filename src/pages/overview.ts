import { z } from 'zod';
import { requireScope } from '../api/access.ts';
import { type Route, route } from '../api/route.ts';
import type { Budget } from '../domain/budget.ts';
import type { Store } from '../domain/store.ts';
import { type AttentionLimits, type PipelineStatus, readPipelineStatus } from '../reports/pipeline-status.ts';
import { failureNotice } from './failure-notice.ts';
import { countText, durationText, plural, timeOf } from './figures.ts';
import { type Html, html } from './html.ts';
import { setPageHeaders } from './layout.ts';
import { countFiring, type Need, needsOf } from './needs.ts';
import { budgetsTable, nextTable, recentTable, runnersTable, runningTable } from './overview-tables.ts';
import { type Failure, type Page, sendPage } from './page-route.ts';
import { facts } from './table.ts';
import { type Site, type Visit, visitOf } from './visit.ts';

export interface OverviewOptions {
  store: Store;
  attention: AttentionLimits;
  budget: Budget;
  /** The same in a few lines of text, for who asks without a browser. */
  overviewText: () => Promise<string>;
}

/** The first page: whether the pipeline is well, and what needs a person. */
export function overviewRoute(site: Site, options: OverviewOptions): Route {
  return route({
    method: 'get',
    path: '/',
    summary: 'Whether the pipeline is well and what needs a person; a few lines where no HTML is asked for',
    scope: 'public',
    audience: 'both',
    answers: {
      200: { description: 'A page, or a few lines', schema: z.string(), contentType: 'text/plain' },
    },
    async handle({ request, principal }, response) {
      if (request.accepts(['text', 'html']) !== 'html') {
        setPageHeaders(response);
        response.type('text/plain; charset=utf-8').send(await options.overviewText());
        return undefined;
      }
      requireScope(principal, 'read');
      const visit = visitOf(site, request, response);
      sendPage(visit, response, await overviewPage(visit, options));
      return undefined;
    },
  });
}

/** A runner that was silent for longer is not shown. */
const runnersWithin = 24 * 3600 * 1000;
const mostProposals = 20;

export async function overviewPage(
  visit: Visit,
  { store, attention, budget }: OverviewOptions,
  failure?: Failure,
): Promise<Page> {
  const [status, proposed, runners] = await Promise.all([
    readPipelineStatus(store, () => visit.now, attention, budget),
    store.improvements.list({ state: 'proposed', limit: mostProposals }),
    store.runners.list(visit.now - runnersWithin),
  ]);
  const needs = needsOf(visit, status, proposed, attention);
  return {
    title: needs.length === 0 ? 'All is well' : 'Needs you',
    body: html`${failure && failureNotice(failure)}${headline(needs)}
<p class="hint">As of ${timeOf(status.at, visit.now)}. <a href="${visit.to('/')}">Look again</a></p>
${needsList(needs)}
${pulse(visit, status)}
${runningTable(visit, status)}
${nextTable(visit, status)}
${recentTable(visit, status)}
${runnersTable(visit, runners, attention)}
${budgetsTable(status)}`,
  };
}

function headline(needs: readonly Need[]): Html {
  if (needs.length === 0) {
    return html`<h1 class="headline good"><span aria-hidden="true">✓</span> All is well</h1>
<p>No alert fires, nothing waits for you, and no budget is spent.</p>`;
  }
  const bad = needs.some(({ tone }) => tone === 'bad');
  return html`<h1 class="headline ${bad ? 'bad' : 'warn'}"><span aria-hidden="true">${bad ? '▲' : '△'}</span>
${plural(needs.length, 'thing needs you', 'things need you')}</h1>`;
}

function needsList(needs: readonly Need[]): Html {
  if (needs.length === 0) return html``;
  return html`<ul class="needs" aria-label="What needs you">${needs.map(
    ({ tone, kind, text, more }) => html`<li class="${tone}"><span class="kind">${kind}</span>
<div>${text}${more && html`<div class="hint">${more}</div>`}</div></li>
`,
  )}</ul>`;
}

function pulse({ to }: Visit, status: PipelineStatus): Html {
  const { running, pending, needs_decision } = status;
  const oldest = pending.oldest_seconds;
  return html`<section aria-labelledby="now"><h2 id="now">Now</h2>
<div class="figures">${facts({
    Running: html`<a href="${to('/tasks')}?status=running">${countText(running.length)}</a>`,
    Waiting: html`<a href="${to('/tasks')}?status=pending">${countText(pending.count)}</a>${
      oldest !== null && html` <span class="hint">the first for ${durationText(oldest)}</span>`
    }`,
    'For a decision': html`<a href="${to('/tasks')}?status=needs_decision">${countText(needs_decision.length)}</a>`,
    'Alerts that fire': countText(countFiring(status)),
  })}</div></section>`;
}
