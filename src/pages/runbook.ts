import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Marked } from 'marked';
import { z } from 'zod';
import { type Route, route } from '../api/route.ts';
import { AppError } from '../domain/errors.ts';
import { escapeHtml, html, trustedHtml } from './html.ts';
import { setPageHeaders } from './layout.ts';
import { sendPage } from './page-route.ts';
import { type Site, type Visit, visitOf } from './visit.ts';

/** What an alert means and what to do: as a page, or as the Markdown that it is for who asks for no HTML. */
export function runbookRoute(site: Site, runbooksDir: string): Route {
  return route({
    method: 'get',
    path: '/runbooks/{alert}',
    summary: 'What an alert means and what to do: a page, or Markdown where no HTML is asked for',
    scope: 'public',
    audience: 'both',
    params: z.object({ alert: z.string().regex(/^[A-Za-z]{1,40}$/) }),
    answers: { 200: { description: 'The runbook', schema: z.string(), contentType: 'text/markdown' } },
    async handle({ params: { alert }, request }, response) {
      const file = join(runbooksDir, `${alert}.md`);
      const markdown = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new AppError('not_found', `there is no runbook for ${alert}`, { cause });
      });
      if (request.accepts(['text/markdown', 'text/plain', 'html']) !== 'html') {
        setPageHeaders(response);
        response.type('text/markdown; charset=utf-8').send(markdown);
        return undefined;
      }
      const visit = visitOf(site, request, response);
      const body = html`<article class="runbook">${runbookHtml(visit, markdown)}</article>`;
      sendPage(visit, response, { title: `${alert} · Runbook`, body });
      return undefined;
    },
  });
}

/** The runbook as markup: headings to link to, other runbooks as our pages, and no HTML but Markdown's own. */
function runbookHtml(visit: Visit, markdown: string) {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(anchor(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const to = linkTarget(visit, href);
        return to === undefined ? inner : `<a href="${escapeHtml(to)}">${inner}</a>`;
      },
      code: ({ text }) => `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`,
      html: ({ text }) => escapeHtml(text),
    },
  });
  return trustedHtml(marked.parse(markdown, { async: false }));
}

/** Where a link of a runbook leads here; nowhere if it is to a file that is not served. */
function linkTarget({ to }: Visit, href: string): string | undefined {
  const [, alert, fragment = ''] = /^([A-Za-z]+)\.md(#.*)?$/.exec(href) ?? [];
  if (alert !== undefined) return to(`/runbooks/${alert}`) + fragment;
  return /^(?:https?:\/\/|#)/.test(href) ? href : undefined;
}

/** The fragment that GitHub gives a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}
