import { type Html, html } from './html.ts';
import type { Failure } from './page-route.ts';

/** Why a form did nothing, before everything else that is on the page. */
export function failureNotice({ message, problems }: Failure): Html {
  return html`<div class="notice bad" role="alert"><p><span aria-hidden="true">✗</span> ${upper(message)}</p>
${
  problems.length > 0 &&
  html`<ul>${problems.map(({ pointer, detail }) => html`<li>${upper(pointer.slice(1).replaceAll('_', ' '))} ${detail}</li>`)}</ul>`
}</div>`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
