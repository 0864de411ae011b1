import type { Request, Response } from 'express';
import type { AppError } from '../domain/errors.ts';
import { type AccessRules, type Principal, principalOf, requireJson, requireOurOrigin } from './access.ts';
import { problemOf } from './problem.ts';
import { bodyText, parseJson } from './request-body.ts';
import { isNdjson, type Route } from './route.ts';

/** How requests come in and errors go out: as JSON of programs, or as forms and pages of people's browsers. */
export interface Door {
  /** Whether the body comes before the questions: an answer that refuses a form can show what was typed then. */
  readsFirst?: boolean;
  /** @throws AppError `unauthorized` for credentials that are not known */
  principalOf(request: Request): Principal;
  /** Refuses what another web page could have made a browser send, as far as its headers tell. */
  requireOurOwn(request: Request): void;
  /** The body as text, and as the route's schema takes it. */
  readBody(request: Request, route: Route): { raw: string; body: unknown };
  answerError(error: AppError, request: Request, response: Response): void;
}

/** JSON with a bearer token. A cookie opens nothing here. */
export function programDoor(access: AccessRules): Door {
  return {
    principalOf: (request) => principalOf(request, access),
    requireOurOwn(request) {
      requireOurOrigin(request, access);
      requireJson(request);
    },
    readBody(request, route) {
      const raw = bodyText(request);
      return { raw, body: route.ndjson && isNdjson(request) ? undefined : parseJson(raw) };
    },
    answerError(error, _request, response) {
      if (error.code === 'unauthorized') response.set('WWW-Authenticate', 'Bearer');
      const body = problemOf(error);
      response.status(body.status).type('application/problem+json').send(JSON.stringify(body));
    },
  };
}
