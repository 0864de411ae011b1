import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dataPaths } from '../app/data-paths.ts';
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
    throw new AppError('unavailable', `no service answers at ${url} (${messageOf(cause)}): is it started?`, {
      cause,
    });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const { data } = problem.safeParse(answer);
    throw new AppError('invalid', data?.detail ?? `${method} ${path} answered ${response.status}`);
  }
  return schema.parse(answer);
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new AppError('unavailable', `cannot read the admin token: ${messageOf(cause)}`, { cause });
  }
}
