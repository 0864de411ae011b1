import { type Html, html, trustedHtml } from './html.ts';

/** One field of a form of filters: a choice where the values are known, else words. */
export interface Filter {
  name: string;
  label: string;
  choices?: readonly string[];
  /** Folded away while it is not used. */
  rare?: boolean;
}

/** Filters as a form that leads to an address which can be kept and sent. */
export function filterForm(
  filters: readonly Filter[],
  values: Record<string, string | undefined>,
  action: string,
): Html {
  const set = filters.some(({ name }) => values[name] !== undefined);
  return html`<form class="filters" method="get" action="${action}" role="search" aria-label="Filters">
${filters.filter(({ rare }) => !rare).map((filter) => field(filter, values))}<span class="buttons"><button>Filter</button>${set && html` <a href="${action}">Show all</a>`}</span>
${rarelyUsed(filters, values)}</form>`;
}

function field({ name, label, choices }: Filter, values: Record<string, string | undefined>): Html {
  const value = values[name];
  const input = choices
    ? select(name, choices, value)
    : html`<input name="${name}" value="${value}" spellcheck="false" autocomplete="off">`;
  return html`<label>${label} ${input}</label>
`;
}

function rarelyUsed(filters: readonly Filter[], values: Record<string, string | undefined>): Html {
  const rare = filters.filter((filter) => filter.rare);
  if (rare.length === 0) return html``;
  const open = rare.some(({ name }) => values[name] !== undefined);
  return html`<details${open && trustedHtml(' open')}><summary>More filters</summary>
<div>${rare.map((filter) => field(filter, values))}</div></details>`;
}

function select(name: string, choices: readonly string[], chosen: string | undefined): Html {
  return html`<select name="${name}"><option value="">any</option>${choices.map(
    (choice) =>
      html`<option value="${choice}"${choice === chosen && trustedHtml(' selected')}>${choice.replaceAll('_', ' ')}</option>`,
  )}</select>`;
}

/** The way to the next page of a list, with the same filters, and back to the first. */
export function pager(
  { next_cursor, cursor }: { next_cursor: string | null; cursor: string | undefined },
  values: Record<string, string | undefined>,
  action: string,
): Html {
  if (next_cursor === null && cursor === undefined) return html``;
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const address = (more: Record<string, string>) => {
    const query = new URLSearchParams([...known, ...Object.entries(more)]).toString();
    return query ? `${action}?${query}` : action;
  };
  return html`<nav class="pager" aria-label="Pages of the list">
${cursor !== undefined && html`<a href="${address({})}">Newest</a>`}
${next_cursor !== null && html`<a rel="next" href="${address({ cursor: next_cursor })}">Older</a>`}</nav>`;
}
