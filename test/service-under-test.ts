import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createService, type Service } from '../src/app/service.ts';
import { type ConfigInput, parseConfig } from '../src/config.ts';
import type { Clock } from '../src/domain/clock.ts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // What a test expects of a body it says with toMatchObject.
  body: unknown;
}

export interface ServiceUnderTest extends Service {
  folder: string;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** With a JSON body, as a script would; `token` is the admin's if it is true. */
  send(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    options?: SendOptions,
  ): Promise<Reply>;
}

export interface SendOptions {
  admin?: boolean;
  token?: string;
  headers?: Record<string, string>;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** The real service on a free port, with a store of its own, until the test has finished. */
export async function serviceUnderTest(settings: ConfigInput = {}, clock?: Clock): Promise<ServiceUnderTest> {
  const folder = temporaryFolder();
  const { service: serviceSettings, ...rest } = settings;
  const config = parseConfig({ data_dir: folder, ...rest, service: { port: 0, ...serviceSettings } });
  const service = await createService(config, pino({ level: 'silent' }), clock);
  onTestFinished(() => service.close());
  const ask = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(service.url + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
  return {
    ...service,
    folder,
    get: (path, headers = {}) => ask(path, { headers }),
    send: (method, path, body, { admin, token, headers = {} } = {}) => {
      const bearer = token ?? (admin ? service.adminToken : undefined);
      return ask(path, {
        method,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
          ...headers,
        },
      });
    },
  };
}

/** A request with headers that `fetch` does not let one set, such as Host. */
export function rawRequest(
  url: string,
  options: { method: string; headers: Record<string, string>; body?: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: options.method, headers: options.headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}
