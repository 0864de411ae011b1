import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { AppError } from '../domain/errors.ts';

export type AccessScope = 'read' | 'report' | 'alert' | 'admin';

export interface AccessToken {
  name: string;
  token: string;
  scopes: readonly AccessScope[];
}

export interface AccessRules {
  tokens: readonly AccessToken[];
  /** True if reading and reporting need no token: no token is configured, and only loopback is listened on. */
  open: boolean;
  /** Host names that requests may name, besides loopback. */
  hosts: readonly string[];
}

/** Who asks, and what they may do. */
export interface Principal {
  name: string;
  scopes: readonly AccessScope[];
}

const anonymousName = 'anonymous';

/** @throws AppError `unauthorized` for a token that is not known */
export function principalOf(request: Request, rules: AccessRules): Principal {
  const header = request.get('authorization');
  if (header === undefined) return anonymous(rules);
  const [, given] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  const known = given === undefined ? undefined : findToken(given, rules);
  if (!known) throw new AppError('unauthorized', 'this token is not known');
  return { name: known.name, scopes: known.scopes };
}

/** Somebody without a token. */
export function anonymous({ open }: AccessRules): Principal {
  return { name: anonymousName, scopes: open ? ['read', 'report'] : [] };
}

/** In a time that does not tell how much of it is right. */
export function findToken(given: string, { tokens }: AccessRules): AccessToken | undefined {
  return tokens.find(({ token }) => sameText(token, given));
}

/** An admin may do everything. */
export function hasScope({ scopes }: Principal, scope: AccessScope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/** @throws AppError `unauthorized` or `forbidden` */
export function requireScope(principal: Principal, scope: AccessScope): void {
  const { name } = principal;
  if (hasScope(principal, scope)) return;
  if (name === anonymousName)
    throw new AppError('unauthorized', `this needs a token with the scope ${scope}`);
  throw new AppError('forbidden', `token ${name} lacks the scope ${scope}`);
}

/**
 * Refuses a host name that is not ours: a page whose own name is made to lead here (DNS rebinding) could read
 * everything that needs no token.
 */
export function requireOurHost(request: Request, rules: AccessRules): void {
  const host = request.get('host');
  if (isOurs(host, rules)) return;
  const advice = 'if it is meant to be reached so, add the name to service.allowed_hosts';
  throw new AppError('forbidden', `this service is not ${host ?? 'a request without Host'}: ${advice}`);
}

/** Refuses what a page of a foreign origin makes a browser send. */
export function requireOurOrigin(request: Request, rules: AccessRules): void {
  const origin = request.get('origin');
  if (origin !== undefined && !(URL.canParse(origin) && isOurs(new URL(origin).host, rules))) {
    throw new AppError('forbidden', `requests from ${origin} are not taken`);
  }
}

/** Refuses a body that a plain form of any web page can make. No form makes a DELETE, which has no body. */
export function requireJson(request: Request): void {
  if (request.method === 'DELETE') return;
  if (!request.is(['application/json', 'application/*+json', 'application/x-ndjson'])) {
    const given = request.get('content-type');
    throw new AppError(
      'unsupported_media_type',
      given === undefined
        ? 'this takes a JSON body with content-type: application/json, and the request has none'
        : `the body must be application/json, not ${given}`,
    );
  }
}

function isOurs(host: string | undefined, rules: AccessRules): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return isLoopback(hostname) || rules.hosts.includes(hostname);
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function sameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
