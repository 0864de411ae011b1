import type { Request, Response } from 'express';
import { type AccessRules, anonymous, hasScope, type Principal, principalOf } from '../api/access.ts';
import type { Clock } from '../domain/clock.ts';
import { readCookie, setCookie } from './cookies.ts';
import { type FlashName, takeFlash } from './flash.ts';
import type { Session, Sessions } from './session.ts';

/** What all pages are made with. */
export interface Site {
  sessions: Sessions;
  access: AccessRules;
  clock: Clock;
  /** Where Grafana is, if people have one. */
  grafanaUrl?: string;
}

/** One request of a person's browser. */
export interface Visit {
  site: Site;
  path: string;
  /** This page with its filters, as it can be asked for again; undefined for what a form came to. */
  here?: string;
  /** In milliseconds. */
  now: number;
  principal: Principal;
  /** The name of the token that was signed in with. */
  signedIn?: string;
  /** What the last form came to, once. */
  flash?: FlashName;
  may(scope: Parameters<typeof hasScope>[1]): boolean;
  /**
   * A path of ours as a link from this page. Relative, so that it is right behind a proxy that serves us below a path
   * of its own.
   */
  to(path: string): string;
  /** What a form on this page has to carry; a browser without a session gets one for it. */
  formToken(): string;
}

/** @throws AppError `unauthorized` for a bearer token that is not known, unless it is said who asks */
export function visitOf(site: Site, request: Request, response: Response, known?: Principal): Visit {
  let session = sessionOf(site, request);
  const principal = known ?? principalFor(site, request, session);
  return {
    site,
    path: request.path,
    here: request.method === 'GET' ? request.originalUrl : undefined,
    now: site.clock(),
    principal,
    signedIn: session?.token?.name,
    flash: takeFlash(request, response, site.sessions.cookie),
    may: (scope) => hasScope(principal, scope),
    to: (path) => `${rootOf(request.path)}${path.slice(1)}`,
    formToken() {
      session ??= beginSession(site, response);
      return site.sessions.formToken(session);
    },
  };
}

export function sessionOf({ sessions }: Site, request: Request): Session | undefined {
  return sessions.read(readCookie(request, sessions.cookie));
}

/** Gives the browser a new session; without a token, one for forms alone. */
export function beginSession({ sessions }: Site, response: Response, token?: Session['token']): Session {
  const { session, value } = sessions.begin(token);
  setCookie(response, sessions.cookie, { value, seconds: sessions.seconds });
  return session;
}

/** Who asks: by a bearer token as for the API, else by the session. Other credentials are a proxy's before us. */
export function principalFor({ access }: Site, request: Request, session: Session | undefined): Principal {
  if (hasBearer(request)) return principalOf(request, access);
  if (!session?.token) return anonymous(access);
  const { name, scopes } = session.token;
  return { name, scopes };
}

export function hasBearer(request: Request): boolean {
  return /^bearer /i.test(request.get('authorization') ?? '');
}

/** The way in, and from there on to this address of ours; to the overview without one. */
export function signInPath({ to }: Pick<Visit, 'to'>, next?: string): string {
  return next === undefined ? to('/sign-in') : `${to('/sign-in')}?next=${encodeURIComponent(next)}`;
}

/** The way from this path up to ours: `./` from `/tasks`, `../` from `/tasks/1`. */
export function rootOf(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './';
}
