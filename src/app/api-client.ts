import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dataPaths } from './data-paths.ts';
import type { Config } from '../config.ts';
import { AppError, messageOf } from '../domain/errors.ts';

const problem = z.object({ detail: z.string() });

/** The service's API with the admin token of the data folder, for a person's commands. */
export interface ApiClient {
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  patch<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
}

export function createApiClient(config: Config): ApiClient {
  const { adminToken } = dataPaths(config);
  const url = config.runner.service_url ?? `http://127.0.0.1:${config.service.port}`;
  return apiClientFor(url, () => readToken(adminToken));
}

export function apiClientFor(url: string, token: () => string): ApiClient {
  const call = <T>(method: string, path: string, body: unknown, schema: z.ZodType<T>) =>
    send(url, { method, path, body, token: token() }, schema);
  return {
    get: (path, schema) => call('GET', path, undefined, schema),
    post: (path, body, schema) => call('POST', path, body, schema),
    patch: (path, body, schema) => call('PATCH', path, body, schema),
  };
}

async function send<T>(
  url: string,
  { method, path, body, token }: { method: string; path: string; body: unknown; token: string },
  schema: z.ZodType<T>,
): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    // Node's fetch says only "fetch failed"; why is in its cause.
    const why = messageOf(cause instanceof Error && cause.cause ? cause.cause : cause);
    throw new AppError('unavailable', `no service answers at ${url} (${why}): is it started?`, { cause });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const { data } = problem.safeParse(answer);
    if (response.status === 401) {
      const why = data?.detail ?? 'not authenticated';
      throw new AppError('unauthorized', `${url}: ${why} (--data names the service's data folder)`);
    }
    throw new AppError('invalid', data?.detail ?? `${method} ${path} answered ${response.status}`);
  }
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new AppError('invalid', `${url} does not answer as Andon does: is it another server?`);
  return parsed.data;
}

function readToken(path: string): string {
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
