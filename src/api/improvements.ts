import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { heldBack, improvement } from '../domain/improvement.ts';
import { improvementStates } from '../domain/improvement-state.ts';
import type { ImprovementStore } from '../domain/store.ts';
import { completeTask, type TaskDefaults } from '../domain/task-defaults.ts';
import { improvementAsShown } from '../improvement/digest.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';

export interface ImprovementRoutesOptions {
  improvements: ImprovementStore;
  defaults: TaskDefaults;
}

const idParams = z.object({ id: z.string().max(100) });
const decision = z
  .strictObject({ reason: z.string().min(1).max(2000).optional() })
  .meta({ id: 'ImprovementDecision' });

/** Proposals: list, get, and a person's word on them. */
export function improvementRoutes({ improvements, defaults }: ImprovementRoutesOptions): Route[] {
  const find = async (id: string) => {
    const found = await improvements.find(id);
    if (!found) throw new AppError('not_found', `there is no improvement ${id}`);
    return improvementAsShown(found);
  };
  const answers = { 200: { description: 'As it is now', schema: improvement } };
  return [
    route({
      method: 'get',
      path: '/api/agent/improvements',
      summary: 'List improvements, newest first',
      scope: 'read',
      query: z.strictObject({
        ...cursorQuery,
        state: z.enum(improvementStates).optional(),
        kind: z.string().optional(),
        alert_fingerprint: z.string().optional(),
      }),
      answers: { 200: { description: 'A page', schema: pageSchema(improvement) } },
      async handle({ query }) {
        const { items, next_cursor } = await improvements.list(query);
        return { body: { items: items.map(improvementAsShown), next_cursor } };
      },
    }),
    route({
      method: 'get',
      path: '/api/agent/improvements/{id}',
      summary: 'One improvement, with its evidence and the exact task that approval makes',
      scope: 'read',
      params: idParams,
      answers,
      handle: async ({ params }) => ({ body: await find(params.id) }),
    }),
    route({
      method: 'get',
      path: '/api/agent/improvements/{id}/held-back',
      summary: 'What a digest lists: proposals that the budget held back, the first one first',
      scope: 'read',
      params: idParams,
      query: z.strictObject(cursorQuery),
      answers: { 200: { description: 'A page', schema: pageSchema(heldBack) } },
      async handle({ params: { id }, query }) {
        await find(id);
        return { body: await improvements.listHeldBack(id, query) };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/improvements/{id}/approve',
      summary: 'Approve: makes its task',
      scope: 'admin',
      params: idParams,
      body: decision,
      answers,
      async handle({ params: { id }, body, principal }) {
        const { task } = await find(id);
        const wanted = completeTask(task, defaults, `improvement:${id}`);
        return { body: await improvements.approve(id, principal.name, wanted, body.reason) };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/improvements/{id}/reject',
      summary: 'Reject: the same is not proposed again until there is twice the evidence',
      scope: 'admin',
      params: idParams,
      body: decision,
      answers,
      handle: async ({ params, body, principal }) => ({
        body: await improvements.reject(params.id, principal.name, body.reason),
      }),
    }),
  ];
}
