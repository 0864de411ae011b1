import type { Request } from 'express';
import { z } from 'zod';
import { findToken } from '../api/access.ts';
import type { Route } from '../api/route.ts';
import { AppError } from '../domain/errors.ts';
import { GuessLimit } from './guess-limit.ts';
import { html } from './html.ts';
import { type Failure, form, type Page, page } from './page-route.ts';
import { beginSession, type Site, sessionOf, type Visit } from './visit.ts';

const fields = z.object({
  token: z.string({ error: 'Paste a token.' }).trim(),
  next: z.string().max(4000).optional(),
});

/** The way in and out. */
export function signInRoutes(site: Site): Route[] {
  const guesses = new GuessLimit(site.clock);
  return [
    page(site, {
      path: '/sign-in',
      summary: 'The form to sign in with a token',
      scope: 'public',
      query: z.object({ next: z.string().max(4000).optional() }),
      show: async (visit, { query: { next } }) => signInPage(visit, next),
    }),
    form(site, {
      path: '/sign-in',
      summary: 'Sign in',
      scope: 'public',
      fields,
      async submit(_visit, { fields: { token, next }, response }) {
        refuseTooMany(guesses, response.req);
        const known = findToken(token, site.access);
        if (!known) {
          guesses.countWrong(addressOf(response.req));
          throw wrong('This token is not known here.');
        }
        beginSession(site, response, known);
        return { to: ownPath(next), say: 'signed_in' };
      },
      again: async (visit, { failure }) => signInPage(visit, failure.typed.next, failure),
    }),
    form(site, {
      path: '/sign-out',
      summary: 'Sign out',
      scope: 'public',
      fields: z.object({}),
      async submit(_visit, { response }) {
        const session = sessionOf(site, response.req);
        // One for forms alone opens nothing: to remember it would let anybody fill the memory.
        if (session?.token) site.sessions.end(session);
        beginSession(site, response);
        return { to: '/', say: 'signed_out' };
      },
      again: async (visit) => signInPage(visit),
    }),
  ];
}

function signInPage(visit: Visit, next = '', failure?: Failure): Page {
  const problem = failure?.problems[0]?.detail;
  return {
    title: 'Sign in',
    body: html`<h1>Sign in</h1>
<form class="card narrow" method="post" action="${visit.to('/sign-in')}">
<input type="hidden" name="form_token" value="${visit.formToken()}">
<input type="hidden" name="next" value="${next}">
${problem && html`<p class="notice bad" id="problem" role="alert"><span aria-hidden="true">✗</span> ${problem}</p>`}
<input name="username" autocomplete="username" value="andon" hidden>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false"
 aria-describedby="${problem ? 'problem ' : ''}where" aria-invalid="${problem ? 'true' : 'false'}">
<p id="where" class="hint">The admin token is in <code>admin-token</code> in the service’s data folder
(<code>cat data/admin-token</code>); others are in its settings, <code>service.tokens</code>.</p>
<button class="primary">Sign in</button>
</form>`,
  };
}

function refuseTooMany(guesses: GuessLimit, request: Request): void {
  const wait = guesses.wait(addressOf(request));
  if (wait === 0) return;
  throw wrong(`Too many wrong tokens came from your address. Try again in ${wait} s.`, 'too_many_requests');
}

function wrong(detail: string, code: 'invalid' | 'too_many_requests' = 'invalid'): AppError {
  return new AppError(code, detail, { problems: [{ pointer: '/token', detail }] });
}

function addressOf(request: Request): string {
  return request.socket.remoteAddress ?? '';
}

/** The page that was wanted, if it is one of ours: `next` comes from the address bar, and anybody can write a link. */
export function ownPath(next = '/'): string {
  const base = 'http://ours.invalid';
  if (!next.startsWith('/') || !URL.canParse(next, base)) return '/';
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith('//') ? pathname + search : '/';
}
