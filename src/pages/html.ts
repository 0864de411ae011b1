/** Markup that may be sent as it is. Only `html` makes it, and `trustedHtml` for what another renderer has escaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: markup as it is, text escaped, nothing for what is absent. */
export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

/**
 * Markup with values in it, each escaped for text and for quoted attributes alike. `<p title="${a}">${b}</p>` reads
 * back as exactly `a` and `b`, but for U+0000, which HTML cannot hold.
 * @throws Error for a value that would be an attribute without quotes
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    refuseUnquoted(strings[index] ?? '');
    text += render(value) + (strings[index + 1] ?? '');
  });
  return new Html(text);
}

/** Markup of a renderer that escapes for itself. Never of text from outside. */
export function trustedHtml(markup: string): Html {
  return new Html(markup);
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser makes line feeds of them.
  '\r': '&#13;',
  '\0': '\u{fffd}',
};

/** Text as it may stand between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replaceAll(/[&<>"'\r\0]/g, (character) => entities[character] ?? character);
}

function refuseUnquoted(before: string): void {
  const inTag = before.lastIndexOf('<') > before.lastIndexOf('>');
  if (inTag && /=\s*$/.test(before)) throw new Error(`an attribute without quotes: ${before.slice(-40)}`);
}
