import { z } from 'zod';
import { heldBack, improvement } from '../domain/improvement.ts';
import { improvementStates } from '../domain/improvement-state.ts';
import { improvementAsShown } from '../improvement/digest.ts';
import {
  approval,
  approveImprovement,
  existingImprovement,
  type ImprovementRules,
  rejection,
} from './improvement-decisions.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';

const idParams = z.object({ id: z.string().max(100) });

/** Proposals: list, get, and a person's word on them. */
export function improvementRoutes(rules: ImprovementRules): Route[] {
  const { improvements } = rules;
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
      handle: async ({ params }) => ({ body: await existingImprovement(rules, params.id) }),
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
        await existingImprovement(rules, id);
        return { body: await improvements.listHeldBack(id, query) };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/improvements/{id}/approve',
      summary: 'Approve: makes its task, with what is changed of it here',
      scope: 'admin',
      params: idParams,
      body: approval,
      answers,
      handle: async ({ params, body, principal }) => ({
        body: await approveImprovement(rules, params.id, principal.name, body),
      }),
    }),
    route({
      method: 'post',
      path: '/api/agent/improvements/{id}/reject',
      summary: 'Reject: the same is not proposed again until there is twice the evidence',
      scope: 'admin',
      params: idParams,
      body: rejection,
      answers,
      handle: async ({ params, body, principal }) => ({
        body: await improvements.reject(params.id, principal.name, body.reason),
      }),
    }),
  ];
}
