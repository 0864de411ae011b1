import { type Html, html } from './html.ts';

/** What somebody typed into a form that could not be sent, to be copied: nobody should have to write it twice. */
export function typedText(typed: Record<string, string>): Html {
  const worthKeeping = Object.entries(typed).filter(
    ([name, value]) => !['form_token', 'token', 'next'].includes(name) && value.length > 20,
  );
  if (worthKeeping.length === 0) return html``;
  return html`<section aria-label="What you wrote"><h2>What you wrote</h2>
${worthKeeping.map(
  ([name, value]) => html`<label>${name.replaceAll('_', ' ')}<textarea readonly rows="8">
${value}</textarea></label>`,
)}</section>`;
}
