import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { AppError, messageOf, whyNot } from '../domain/errors.ts';
import { dataPaths } from './data-paths.ts';

const problem = z.object({ detail: z.string() });

/** The service's API with the admin token of the data folder, for a person's commands. */
export interface ApiClient {
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  patch<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  delete<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** What is not JSON, such as a log. */
  getText(path: string): Promise<string>;
}

export function createApiClient(config: Config): ApiClient {
  const { adminToken } = dataPaths(config);
  return apiClientFor(serviceUrlOf(config), () => readToken(adminToken));
}

/**
 * The same with the token of the settings, else with the admin's if it is here, else with none: what a runner may do
 * can be done from any machine, and without a token where none is set.
 */
export function createReportClient(config: Config): ApiClient {
  const { adminToken } = dataPaths(config);
  return apiClientFor(serviceUrlOf(config), () => {
    if (config.runner.token !== undefined || !existsSync(adminToken)) return config.runner.token;
    return readToken(adminToken);
  });
}

/** Where the service is: as the settings say, else on this machine. */
export function serviceUrlOf(config: Config): string {
  return config.runner.service_url ?? `http://127.0.0.1:${config.service.port}`;
}

export function apiClientFor(url: string, token: () => string | undefined): ApiClient {
  const call = async <T>(method: string, path: string, body: unknown, schema: z.ZodType<T>) =>
    contentOf(url, await send(url, { method, path, body, token: token() }), schema);
  return {
    get: (path, schema) => call('GET', path, undefined, schema),
    post: (path, body, schema) => call('POST', path, body, schema),
    patch: (path, body, schema) => call('PATCH', path, body, schema),
    delete: (path, schema) => call('DELETE', path, undefined, schema),
    getText: (path) => send(url, { method: 'GET', path, body: undefined, token: token() }),
  };
}

/** The text of the answer. @throws AppError if there is none, or it is a refusal */
async function send(
  url: string,
  { method, path, body, token }: { method: string; path: string; body: unknown; token: string | undefined },
): Promise<string> {
  const { response, text } = await exchange(url, path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (response.ok) return text;
  const { data } = problem.safeParse(parseJson(text));
  if (response.status === 401) {
    const why = data?.detail ?? 'not authenticated';
    throw new AppError('unauthorized', `${url}: ${why} (--data names the service's data folder)`);
  }
  throw new AppError('invalid', data?.detail ?? `${method} ${path} answered ${response.status}`);
}

async function exchange(
  url: string,
  path: string,
  request: RequestInit,
): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(`${url}${path}`, request);
    return { response, text: await response.text() };
  } catch (cause) {
    throw new AppError('unavailable', `no service answers at ${url} (${whyNot(cause)}): is it started?`, {
      cause,
    });
  }
}

function contentOf<T>(url: string, text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AppError('invalid', `${url} does not answer as Andon does: is it another server?`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws AppError `unavailable` that says what is missing */
export function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = missing
      ? 'no service was started on this data folder (--data names another)'
      : messageOf(cause);
    throw new AppError('unavailable', `cannot read the admin token ${path}: ${why}`, { cause });
  }
}
