import { z } from 'zod';
import type { Store } from '../domain/store.ts';
import { type Route, route } from './route.ts';

export interface OperationRoutesOptions {
  store: Store;
  /** Prometheus's text format, and its content type. */
  exposition: () => Promise<{ text: string; contentType: string }>;
}

const text = (description: string) => ({
  200: { description, schema: z.string(), contentType: 'text/plain' },
});

/** What operators and probes ask for. */
export function operationRoutes({ store, exposition }: OperationRoutesOptions): Route[] {
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
  ];
}
