import type { Request, Response } from 'express';
import type { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { problemsOf } from '../domain/problems.ts';
import type { AccessScope, Principal } from './access.ts';

/** What a handler gets: input that its schemas have accepted. */
export interface Input<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  /** The body before its schema filled in what was left out. */
  sent: unknown;
  /** The body as it came, for what keeps it or reads it line by line. */
  raw: string;
  request: Request;
  principal: Principal;
}

export interface Answer {
  status?: number;
  body: unknown;
}

/**
 * One endpoint: its schemas validate, give the types, and make its entry in the OpenAPI document. A path is
 * written as there: `/api/agent/tasks/{id}`.
 */
export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  summary: string;
  scope: AccessScope | 'public';
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /**
   * Whom it is for: programs, unless said. People's browsers send forms, and are answered with pages, errors too;
   * what is for them alone is no part of the OpenAPI document.
   */
  audience?: 'people' | 'both';
  /** What the documents say of the body, where the handler validates it item by item. */
  documentedBody?: z.ZodType;
  /** True if any Host is answered: a probe may name whatever reaches us. */
  anyHost?: boolean;
  /** True if the body may also be NDJSON: the handler reads `raw`. */
  ndjson?: boolean;
  /** The largest body in bytes; 1 MiB unless said. */
  bodyLimit?: number;
  answers: Record<number, { description: string; schema?: z.ZodType; contentType?: string }>;
  handle(
    input: Omit<Input<unknown, unknown, unknown>, 'sent'>,
    response: Response,
  ): Promise<Answer | undefined>;
}

export const defaultBodyLimit = 1024 * 1024;

interface TypedRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Omit<Route, 'params' | 'query' | 'body' | 'handle'> {
  params?: P;
  query?: Q;
  body?: B;
  /** Answers with a body, or undefined if it has written to the response itself. */
  handle(
    input: Input<z.output<P>, z.output<Q>, z.output<B>>,
    response: Response,
  ): Promise<Answer | undefined>;
}

/** Declares a route: what the schemas accept is what the handler gets. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  typed: TypedRoute<P, Q, B>,
): Route {
  return {
    ...typed,
    handle: async (input, response) =>
      typed.handle(
        {
          ...input,
          sent: input.body,
          params: validate(typed.params, input.params, 'path'),
          query: validate(typed.query, input.query, 'query'),
          body:
            typed.ndjson && isNdjson(input.request)
              ? noBody(typed.body)
              : validate(typed.body, input.body, 'body'),
        },
        response,
      ),
  };
}

export function isNdjson(request: Request): boolean {
  return Boolean(request.is('application/x-ndjson'));
}

/** NDJSON is read line by line by its handler, which has no body then. */
function noBody<S extends z.ZodType>(_schema: S | undefined): z.output<S> {
  return undefined as z.output<S>;
}

function validate<S extends z.ZodType>(schema: S | undefined, value: unknown, where: string): z.output<S> {
  if (!schema) return undefined as z.output<S>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error);
  const summary = problems.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
  throw new AppError('invalid', `${where}: ${summary}`.slice(0, 2000), { problems });
}
