import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { AppError, messageOf } from '../domain/errors.ts';
import { type AccessRules, requireOurHost, requireScope } from './access.ts';
import { type Door, programDoor } from './door.ts';
import { openApiDocument } from './openapi.ts';
import { asAppError } from './problem.ts';
import { defaultBodyLimit, type Route } from './route.ts';

export interface ApiOptions {
  routes: readonly Route[];
  access: AccessRules;
  /** For the routes whose audience is people; programs', unless said. */
  browserDoor?: Door;
  logger: Logger;
  version: string;
  /** Told of each answered request: the route's pattern, never the path, so that it can be a label. */
  onRequest?: (request: { method: string; route: string; status: number; seconds: number }) => void;
  onInternalError?: (where: string) => void;
}

/** The Express app of these routes. */
export function createApi(options: ApiOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use((request, response, next) => observe(options, request, response, next));
  const anyHost = new Set(options.routes.filter((route) => route.anyHost).map(({ path }) => path));
  app.use((request, _response, next) => {
    if (!anyHost.has(request.path)) requireOurHost(request, options.access);
    next();
  });
  const programs = programDoor(options.access);
  const { browserDoor = programs } = options;
  for (const route of options.routes) mount(app, route, route.audience ? browserDoor : programs);
  const document = JSON.stringify(openApiDocument(options.routes, options.version), null, 2);
  app.get('/openapi.json', (_request, response) => void response.type('application/json').send(document));
  app.use((request: Request) => {
    throw new AppError('not_found', `there is no ${request.method} ${request.path}`);
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const door = response.locals.door ?? (wantsPage(request) ? browserDoor : programs);
    answerError(options, error, door, { request, response });
  });
  return app;
}

function mount(app: Express, route: Route, door: Door): void {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const enter = (_request: Request, response: Response, next: NextFunction) => {
    response.locals.route = route.path;
    response.locals.door = door;
    next();
  };
  const guard = (request: Request, response: Response, next: NextFunction) => {
    const principal = door.principalOf(request);
    response.locals.principal = principal;
    if (route.method !== 'get') door.requireOurOwn(request);
    if (route.scope !== 'public') requireScope(principal, route.scope);
    next();
  };
  const body = express.raw({ type: () => true, limit: route.bodyLimit ?? defaultBodyLimit });
  const before = door.readsFirst ? [body, guard] : [guard, body];
  app[route.method](path, enter, ...before, async (request: Request, response: Response) => {
    const { params, query } = request;
    const { raw, body } = route.body ? door.readBody(request, route) : { raw: '', body: undefined };
    const { principal } = response.locals;
    const answer = await route.handle({ params, query, body, raw, request, principal }, response);
    if (answer) response.status(answer.status ?? 200).json(answer.body);
  });
}

function observe({ onRequest }: ApiOptions, request: Request, response: Response, next: NextFunction): void {
  const begun = performance.now();
  response.on('finish', () => {
    const route = typeof response.locals.route === 'string' ? response.locals.route : 'other';
    const seconds = (performance.now() - begun) / 1000;
    onRequest?.({ method: request.method, route, status: response.statusCode, seconds });
  });
  next();
}

function answerError(
  { logger, onInternalError }: ApiOptions,
  error: unknown,
  door: Door,
  { request, response }: { request: Request; response: Response },
): void {
  const known = asAppError(error);
  const where = typeof response.locals.route === 'string' ? response.locals.route : 'other';
  if (known.code === 'internal') {
    logger.error({ err: known.cause ?? known, method: request.method, path: request.path }, 'internal error');
    onInternalError?.(where);
  }
  if (known.code === 'unavailable')
    logger.warn({ path: request.path, reason: known.message }, 'not available');
  if (response.headersSent) response.destroy();
  else door.answerError(known, request, response);
}

/** Where there is no route: a person who has mistyped an address gets a page. */
function wantsPage(request: Request): boolean {
  return !request.path.startsWith('/api/') && request.accepts(['json', 'html']) === 'html';
}

/** A server that listens; `port` is the one it got. */
export interface Listening {
  server: Server;
  port: number;
  /** Stops taking requests, and waits for those under way. */
  close(): Promise<void>;
}

/** @throws AppError `unavailable` if the port is taken */
export async function listen(app: Express, address: { host: string; port: number }): Promise<Listening> {
  // Longer than its clients keep a connection: else one could be closed just as the next request goes out on it.
  const server = createServer({ keepAliveTimeout: 65_000 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${address.host}:${address.port}`;
      reject(
        new AppError('unavailable', `cannot listen on ${where}: ${listenProblem(error)}`, { cause: error }),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}

function listenProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return 'the port is taken (is Andon running already? Else choose another with --port)';
  return messageOf(error);
}
