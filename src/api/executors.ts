import { z } from 'zod';
import { executorHold } from '../domain/executor-hold.ts';
import type { ExecutorStore } from '../domain/executor-store.ts';
import { labelValue } from '../domain/labels.ts';
import { type Route, route } from './route.ts';

export const openRequest = z
  .strictObject({
    runner: labelValue.optional().meta({
      description: 'For this runner only; for all of them, and its pause as well, if absent.',
    }),
  })
  .meta({ id: 'OpenExecutorRequest' });

/** Executors: which get no tasks now, and a person's word that one may go on. */
export function executorRoutes({ executors }: { executors: ExecutorStore }): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/agent/executors',
      summary: 'The executors that get no tasks now: paused for all runners, or closed for one',
      scope: 'read',
      answers: {
        200: { description: 'The holds in force', schema: z.object({ items: z.array(executorHold) }) },
      },
      handle: async () => ({ body: { items: await executors.list() } }),
    }),
    route({
      method: 'post',
      path: '/api/agent/executors/{executor}/open',
      summary: 'Let a paused or closed executor get tasks again',
      scope: 'admin',
      params: z.object({ executor: labelValue }),
      body: openRequest,
      answers: {
        200: {
          description: 'Whether there was a hold',
          schema: z.object({ opened: z.boolean() }),
        },
      },
      handle: async ({ params, body }) => ({
        body: { opened: await executors.open(params.executor, body.runner) },
      }),
    }),
  ];
}
