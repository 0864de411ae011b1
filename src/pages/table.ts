import { type Html, type HtmlValue, html } from './html.ts';

export interface Column {
  title: string;
  /** `figure`: to the right; `short`: one line, cut where it is long after all; `wide`: gets a line of its own. */
  as?: 'figure' | 'short' | 'wide';
}

/**
 * A table. On a narrow screen each row becomes a card, in which each cell has its column's title before it; the roles
 * are said because a table that is laid out as something else is no table to some browsers.
 */
export function table({
  caption,
  columns,
  rows,
}: {
  caption: string;
  columns: readonly Column[];
  /** The first cell of a row is its heading. */
  rows: readonly (readonly HtmlValue[])[];
}): Html {
  return html`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    ({ title, as }) => html`<th role="columnheader" scope="col"${mark(as)}>${title}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row">${row.map((value, index) => cell(value, index, columns[index]))}</tr>
`,
  )}</tbody></table>`;
}

function cell(value: HtmlValue, index: number, { title, as }: Column = { title: '' }): Html {
  if (index === 0) return html`<th role="rowheader" scope="row" data-label="${title}">${value}</th>`;
  return html`<td role="cell" data-label="${title}"${mark(as)}><div${hint(value, as)}>${value}</div></td>`;
}

function mark(as: Column['as']): Html | undefined {
  return as && html` class="${as}"`;
}

/** What may be cut is whole where the pointer is. */
function hint(value: HtmlValue, as: Column['as']): Html | undefined {
  return as === 'short' && typeof value === 'string' ? html` title="${value}"` : undefined;
}

/** Names with what they stand for; without those that stand for nothing. */
export function facts(of: Record<string, HtmlValue>): Html {
  const known = Object.entries(of).filter(
    ([, value]) => value !== undefined && value !== '' && value !== false,
  );
  return html`<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
