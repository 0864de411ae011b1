import { statusOfError } from '../api/problem.ts';
import type { AppError, ErrorCode } from '../domain/errors.ts';
import { html } from './html.ts';
import type { Page } from './page-route.ts';
import { typedText } from './typed-text.ts';
import { signInPath, type Visit } from './visit.ts';

const titles: Record<ErrorCode, string> = {
  invalid: 'That cannot be asked for',
  unauthorized: 'Sign in first',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'It has changed meanwhile',
  too_large: 'Too large',
  unsupported_media_type: 'Not a form of ours',
  too_many_requests: 'Too many requests',
  internal: 'Something went wrong here',
  unavailable: 'Not available now',
};

/** What went wrong, and where to go on; what was typed is not lost. */
export function errorPage(visit: Visit, error: AppError, typed: Record<string, string>): Page {
  const { code } = error;
  const detail =
    code === 'internal'
      ? 'The service’s own log says what. Nothing that you did was wrong.'
      : sentence(error.message);
  return {
    title: titles[code],
    status: statusOfError[code],
    body: html`<h1>${titles[code]}</h1>
<p>${detail}</p>
${code === 'forbidden' || code === 'unauthorized' ? html`<p><a href="${signInPath(visit, visit.here)}">Sign in</a> with a token that may do it.</p>` : ''}
${typedText(typed)}
<p><a href="${visit.to('/')}">Overview</a></p>`,
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
