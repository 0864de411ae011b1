import type { Request, Response } from 'express';
import { type AccessRules, anonymous, isLoopback, requireOurOrigin } from '../api/access.ts';
import type { Door } from '../api/door.ts';
import { bodyText } from '../api/request-body.ts';
import { AppError } from '../domain/errors.ts';
import { errorPage } from './error-page.ts';
import { redirect, sendPage } from './page-route.ts';
import { hasBearer, principalFor, type Site, sessionOf, signInPath, visitOf } from './visit.ts';

/** How people's browsers come in: with a session and forms of our own; errors are pages, or lead to the sign-in. */
export function browserDoor(site: Site): Door {
  return {
    readsFirst: true,
    principalOf: (request) => principalFor(site, request, sessionOf(site, request)),
    requireOurOwn(request) {
      requireFormOrigin(request, site.access);
      if (!request.is('application/x-www-form-urlencoded')) {
        throw new AppError('unsupported_media_type', 'this takes the form of its page');
      }
      requireFormToken(site, request);
    },
    readBody(request) {
      return { raw: '', body: fieldsOf(request) };
    },
    answerError: (error, request, response) => answerError(site, error, request, response),
  };
}

/**
 * Only pages of this very address have our forms. Any page of this machine would pass for the API, whose JSON no form
 * can make; and for a cookie all its ports are one site.
 */
function requireFormOrigin(request: Request, rules: AccessRules): void {
  requireOurOrigin(request, rules);
  const origin = request.get('origin') ?? '';
  const { host, hostname } = URL.canParse(origin) ? new URL(origin) : { host: '', hostname: '' };
  const known = !isLoopback(hostname) && rules.hosts.includes(hostname);
  if (host !== '' && (host === request.get('host') || known)) return;
  throw new AppError('forbidden', `forms are taken from our own pages only, not from ${origin || 'nowhere'}`);
}

/** @throws AppError `forbidden` for a form that was not made for this browser's session */
function requireFormToken(site: Site, request: Request): void {
  const session = sessionOf(site, request);
  const { form_token = '' } = fieldsOf(request);
  if (session && site.sessions.isFormToken(session, form_token)) return;
  throw new AppError(
    'forbidden',
    session
      ? 'this form was made before you signed in or out: load its page again, and send it from there'
      : 'your session is over, or this browser keeps no cookies: nothing was done',
  );
}

/** The fields of a form; of several with one name the last. Line ends are as we have them. */
function fieldsOf(request: Request): Record<string, string> {
  const fields = [...new URLSearchParams(bodyText(request))];
  return Object.fromEntries(fields.map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]));
}

function answerError(site: Site, error: AppError, request: Request, response: Response): void {
  // Whoever asks may be what is wrong.
  const visit = visitOf(site, request, response, anonymous(site.access));
  if (error.code === 'unauthorized' && request.method === 'GET' && !hasBearer(request)) {
    redirect(response, signInPath(visit, request.originalUrl));
    return;
  }
  if (error.code === 'unauthorized') response.set('WWW-Authenticate', 'Bearer');
  sendPage(visit, response, errorPage(visit, error, typedInto(request)));
}

/** What was typed, as far as it can be read: that it cannot be may be what is wrong. */
function typedInto(request: Request): Record<string, string> {
  if (!request.is('application/x-www-form-urlencoded')) return {};
  try {
    return fieldsOf(request);
  } catch {
    return {};
  }
}
