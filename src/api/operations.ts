import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Store } from '../domain/store.ts';
import { type Route, route } from './route.ts';

export interface OperationRoutesOptions {
  store: Store;
  /** Prometheus's text format, and its content type. */
  exposition: () => Promise<{ text: string; contentType: string }>;
  runbooksDir: string;
  /** The lines of the first page. */
  overview: () => Promise<string>;
}

const text = (description: string) => ({
  200: { description, schema: z.string(), contentType: 'text/plain' },
});

/** What operators and probes ask for. */
export function operationRoutes({
  store,
  exposition,
  runbooksDir,
  overview,
}: OperationRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/metrics',
      summary: 'Metrics for Prometheus',
      scope: 'read',
      answers: text('Prometheus’s text format'),
      async handle(_input, response) {
        const { text, contentType } = await exposition();
        response.set('Content-Type', contentType).send(text);
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/healthz',
      summary: 'The process lives',
      scope: 'public',
      anyHost: true,
      answers: { 200: { description: 'It does', schema: z.object({ status: z.literal('ok') }) } },
      handle: async () => ({ body: { status: 'ok' } }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'The store can be read and written',
      scope: 'public',
      anyHost: true,
      answers: { 200: { description: 'It can', schema: z.object({ status: z.literal('ready') }) } },
      async handle() {
        await store.check();
        return { body: { status: 'ready' } };
      },
    }),
    route({
      method: 'get',
      path: '/runbooks/{alert}',
      summary: 'What an alert means and what to do',
      scope: 'public',
      params: z.object({ alert: z.string().regex(/^[A-Za-z]{1,40}$/) }),
      answers: text('The runbook as Markdown'),
      async handle({ params: { alert } }, response) {
        const file = join(runbooksDir, `${alert}.md`);
        const runbook = await readFile(file, 'utf8').catch((cause: unknown) => {
          throw new AppError('not_found', `there is no runbook for ${alert}`, { cause });
        });
        response.type('text/markdown; charset=utf-8').send(runbook);
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/',
      summary: 'Where to go from here',
      scope: 'public',
      answers: text('A few lines'),
      async handle(_input, response) {
        response.type('text/plain; charset=utf-8').send(await overview());
        return undefined;
      },
    }),
  ];
}
