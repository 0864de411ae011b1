import type { Response } from 'express';
import { z } from 'zod';
import type { Principal } from '../api/access.ts';
import { statusOfError } from '../api/problem.ts';
import { type Route, route } from '../api/route.ts';
import { AppError, type ErrorCode, type FieldProblem } from '../domain/errors.ts';
import { problemsOf } from '../domain/problems.ts';
import { type FlashName, putFlash } from './flash.ts';
import type { Html } from './html.ts';
import { documentOf, setPageHeaders } from './layout.ts';
import { type Site, type Visit, visitOf } from './visit.ts';

/** A page before the layout is around it. */
export interface Page {
  title: string;
  body: Html;
  /** 200, unless said. */
  status?: number;
}

interface Declared<P extends z.ZodType> {
  path: string;
  summary: string;
  scope: Route['scope'];
  params?: P;
}

export interface PageDeclaration<P extends z.ZodType, Q extends z.ZodType> extends Declared<P> {
  query?: Q;
  show(visit: Visit, input: { params: z.output<P>; query: z.output<Q> }): Promise<Page>;
}

/** Declares a page. A query member without a value is as good as absent: a form of filters sends all of them. */
export function page<P extends z.ZodType, Q extends z.ZodType>(
  site: Site,
  { show, ...declared }: PageDeclaration<P, Q>,
): Route {
  const declaredRoute = route({
    ...declared,
    method: 'get',
    audience: 'people',
    answers: { 200: { description: 'A page', contentType: 'text/html' } },
    async handle({ params, query, request }, response) {
      const visit = visitOf(site, request, response);
      sendPage(visit, response, await show(visit, { params, query }));
      return undefined;
    },
  });
  return {
    ...declaredRoute,
    handle: (input, response) =>
      declaredRoute.handle({ ...input, query: withoutEmpty(input.query) }, response),
  };
}

/** A form that could not do its work, to be shown again with what was typed. */
export interface Failure {
  message: string;
  problems: FieldProblem[];
  typed: Record<string, string>;
}

/** Where to go once a form has done its work, and what to say there. */
export interface Done {
  to: string;
  say?: FlashName;
}

export interface FormDeclaration<P extends z.ZodType, B extends z.ZodType> extends Declared<P> {
  fields: B;
  /** @throws AppError, of which some show the form again */
  submit(
    visit: Visit,
    input: { params: z.output<P>; fields: z.output<B>; principal: Principal; response: Response },
  ): Promise<Done>;
  /** The page that the form is on. */
  again(visit: Visit, input: { params: z.output<P>; failure: Failure }): Promise<Page>;
}

/** What shows the form again; anything else is an error page. */
const shownAgain: readonly ErrorCode[] = ['invalid', 'conflict', 'too_many_requests'];

const typedFields = z.record(z.string(), z.string());

/** Declares what a form does. A field that was left empty is as good as absent. */
export function form<P extends z.ZodType, B extends z.ZodType>(
  site: Site,
  { fields, submit, again, ...declared }: FormDeclaration<P, B>,
): Route {
  return route({
    ...declared,
    method: 'post',
    audience: 'people',
    body: typedFields,
    documentedBody: fields,
    answers: { 303: { description: 'Done: on to the page that shows it' } },
    async handle({ params, body: typed, principal, request }, response) {
      const visit = visitOf(site, request, response);
      try {
        const accepted = accept(fields, typed);
        const { to, say } = await submit(visit, { params, fields: accepted, principal, response });
        if (say) putFlash(response, site.sessions.cookie, say);
        redirect(response, visit.to(to));
      } catch (error) {
        if (!(error instanceof AppError && shownAgain.includes(error.code))) throw error;
        const failure = { message: error.message, problems: error.problems, typed };
        const shown = await again(visit, { params, failure });
        sendPage(visit, response, { status: statusOfError[error.code], ...shown });
      }
      return undefined;
    },
  });
}

function accept<B extends z.ZodType>(fields: B, typed: Record<string, string>): z.output<B> {
  const { form_token, ...named } = typed;
  const parsed = fields.safeParse(withoutEmpty(named));
  if (parsed.success) return parsed.data;
  throw new AppError('invalid', 'Nothing was done: something in the form has to be put right.', {
    problems: problemsOf(parsed.error),
  });
}

export function sendPage(visit: Visit, response: Response, page: Page): void {
  setPageHeaders(response);
  response
    .status(page.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(documentOf(visit, page).toString());
}

/** To a page of ours, which is asked for with GET. */
export function redirect(response: Response, to: string): void {
  setPageHeaders(response);
  response.status(303).set('Location', to).end();
}

function withoutEmpty(members: unknown): unknown {
  if (typeof members !== 'object' || members === null) return members;
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ''));
}
