import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { type Route, route } from '../api/route.ts';
import { changeTask, existingTask } from '../api/task-changes.ts';
import { verdictRequest } from '../api/tasks.ts';
import { taskIdParams } from '../domain/attempt.ts';
import { AppError } from '../domain/errors.ts';
import { taskChange } from '../domain/task.ts';
import { openTaskLog } from '../reports/task-log.ts';
import { setPageHeaders } from './layout.ts';
import { type Failure, form, page } from './page-route.ts';
import { type TaskPageOptions, taskPage } from './task-page.ts';
import type { Site, Visit } from './visit.ts';

const answer = z.strictObject({
  decision: z.string({ error: 'must say something' }).pipe(taskChange.shape.decision.unwrap()),
});

/** The page of a task, and what a person does about it: each a form, with the rights and rules of the API. */
export function taskRoutes(site: Site, options: TaskPageOptions): Route[] {
  const again = (visit: Visit, { params, failure }: { params: { id: string }; failure: Failure }) =>
    taskPage(visit, options, { id: params.id, failure });
  const shared = { scope: 'report', params: taskIdParams, again } as const;
  return [
    page(site, {
      path: '/tasks/{id}',
      summary: 'One task: its attempts, outcome, usage and log, and what a person can do about it',
      scope: 'read',
      params: taskIdParams,
      show: (visit, { params: { id } }) => taskPage(visit, options, { id }),
    }),
    logRoute(options),
    form(site, {
      ...shared,
      path: '/tasks/{id}/decision',
      summary: 'Answer the question of a task',
      fields: answer,
      async submit(_visit, { params: { id }, fields, principal }) {
        await changeTask(options, principal, id, fields);
        return { to: `/tasks/${id}`, say: 'answered' };
      },
    }),
    form(site, {
      ...shared,
      path: '/tasks/{id}/cancel',
      summary: 'Cancel a task',
      fields: z.strictObject({}),
      async submit(_visit, { params: { id }, principal }) {
        const { status } = await changeTask(options, principal, id, { status: 'cancelled' });
        return { to: `/tasks/${id}`, say: status === 'cancelled' ? 'cancelled' : 'cancelling' };
      },
    }),
    form(site, {
      ...shared,
      path: '/tasks/{id}/again',
      summary: 'Run a task that has ended again',
      fields: z.strictObject({}),
      async submit(_visit, { params: { id }, principal }) {
        await changeTask(options, principal, id, { status: 'pending' });
        return { to: `/tasks/${id}`, say: 'queued' };
      },
    }),
    form(site, {
      ...shared,
      path: '/tasks/{id}/verdict',
      summary: 'Say what became of a task’s work',
      fields: verdictRequest,
      async submit(_visit, { params: { id }, fields: { verdict, pull_request } }) {
        await options.tasks.setVerdict(id, verdict, pull_request);
        return { to: `/tasks/${id}`, say: 'judged' };
      },
    }),
  ];
}

/** As text and nothing else, whatever an agent has printed. */
function logRoute(options: TaskPageOptions): Route {
  return route({
    method: 'get',
    path: '/tasks/{id}/log',
    summary: 'The whole log of a task',
    scope: 'read',
    audience: 'people',
    params: taskIdParams,
    answers: { 200: { description: 'The log', contentType: 'text/plain' } },
    async handle({ params: { id } }, response) {
      await existingTask(options, id);
      const log = await openTaskLog(options, id, 0);
      if (!log) throw new AppError('not_found', `task ${id} has no log yet`);
      setPageHeaders(response);
      response.type('text/plain; charset=utf-8');
      await pipeline(log, response);
      return undefined;
    },
  });
}
