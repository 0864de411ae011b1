import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { attempt, taskIdParams } from '../domain/attempt.ts';
import { AppError } from '../domain/errors.ts';
import { judgedRun } from '../domain/judged-run.ts';
import { foldModelName } from '../domain/model-name.ts';
import { runId } from '../domain/outcome.ts';
import { requestDigest } from '../domain/request-digest.ts';
import { task, taskChange, taskRequest, taskStatuses } from '../domain/task.ts';
import { completeTask } from '../domain/task-defaults.ts';
import { verdicts } from '../domain/verdict.ts';
import { openTaskLog } from '../reports/task-log.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';
import {
  changeTask,
  existingTask,
  requireForCritical,
  requireRunnable,
  requireShell,
  type TaskRules,
} from './task-changes.ts';

export interface TaskRoutesOptions extends TaskRules {
  /** Where a runner on this machine writes task logs. */
  logsDir: string;
}

const taskDetail = task.extend({ attempts: z.array(attempt) }).meta({ id: 'TaskDetail' });
export const verdictRequest = z
  .strictObject({ verdict: z.enum(verdicts), pull_request: z.string().min(1).max(1024).optional() })
  .meta({ id: 'VerdictRequest' });

/** What tasks are listed by; the labels as the metrics and the dashboards have them. */
export const taskFilters = {
  status: z.enum(taskStatuses).optional(),
  task_type: z.string().optional(),
  project: z.string().optional(),
  executor: z.string().optional(),
  model: z.string().optional().meta({
    description:
      'What an attempt ran on, or what a task without one asks for; a date or a mark such as `[1m]` in the name is passed over.',
  }),
  variant: z.string().optional(),
  error_class: z.string().optional().meta({ description: 'Of the last attempt.' }),
  origin: z.string().optional(),
};

/** The same with the model's name as the label is. */
export function labelled<T extends { model?: string }>(query: T): T {
  return { ...query, model: query.model && foldModelName(query.model) };
}

/** Tasks: create, list, get, change, log, verdict. */
export function taskRoutes(options: TaskRoutesOptions): Route[] {
  const { tasks, defaults } = options;
  return [
    route({
      method: 'post',
      path: '/api/agent/tasks',
      summary: 'Create a task',
      scope: 'report',
      body: taskRequest,
      answers: {
        201: { description: 'Created', schema: task },
        200: { description: 'It was there', schema: task },
      },
      async handle({ body, sent, principal }) {
        const wanted = completeTask(body, defaults, 'api');
        requireRunnable(options, wanted);
        requireShell(options, principal, wanted);
        requireForCritical(principal, wanted);
        const { task, created } = await tasks.create(wanted, requestDigest(sent));
        return { status: created ? 201 : 200, body: task };
      },
    }),
    route({
      method: 'get',
      path: '/api/agent/tasks',
      summary: 'List tasks, newest first',
      scope: 'read',
      query: z.strictObject({
        ...cursorQuery,
        ...taskFilters,
      }),
      answers: { 200: { description: 'A page', schema: pageSchema(task) } },
      handle: async ({ query }) => ({ body: await tasks.list(labelled(query)) }),
    }),
    route({
      method: 'get',
      path: '/api/agent/tasks/{id}',
      summary: 'One task with its attempts',
      scope: 'read',
      params: taskIdParams,
      answers: { 200: { description: 'The task', schema: taskDetail } },
      async handle({ params: { id } }) {
        const [found, attempts] = await Promise.all([existingTask(options, id), tasks.listAttempts(id)]);
        return { body: { ...found, attempts } };
      },
    }),
    route({
      method: 'patch',
      path: '/api/agent/tasks/{id}',
      summary: 'Answer a decision, cancel, run again, change the priority, or make it critical',
      scope: 'report',
      params: taskIdParams,
      body: taskChange,
      answers: { 200: { description: 'As it is now', schema: task } },
      handle: async ({ params: { id }, body, principal }) => ({
        body: await changeTask(options, principal, id, body),
      }),
    }),
    route({
      method: 'post',
      path: '/api/agent/tasks/{id}/verdict',
      summary:
        'Say what became of the work of a completed task, or of a run that `andon exec` or `POST /api/agent/metrics` recorded',
      scope: 'report',
      params: z.object({ id: runId }),
      body: verdictRequest,
      answers: {
        200: { description: 'The task as it is now, or the run', schema: z.union([task, judgedRun]) },
      },
      handle: async ({ params, body }) => ({
        body: await tasks.setVerdict(params.id, body.verdict, body.pull_request),
      }),
    }),
    logRoute(options),
  ];
}

function logRoute(options: TaskRoutesOptions): Route {
  return route({
    method: 'get',
    path: '/api/agent/tasks/{id}/log',
    summary: 'The task’s log: the file, where the runner shares it, else the tail that came with the outcome',
    scope: 'read',
    params: taskIdParams,
    query: z.strictObject({
      offset: z.coerce.number().int().min(0).default(0).meta({ description: 'In bytes.' }),
    }),
    answers: { 200: { description: 'The log', schema: z.string(), contentType: 'text/plain' } },
    async handle({ params: { id }, query: { offset } }, response) {
      await existingTask(options, id);
      const log = await openTaskLog(options, id, offset);
      if (!log) throw new AppError('not_found', `task ${id} has no log yet`);
      response.type('text/plain; charset=utf-8');
      await pipeline(log, response);
      return undefined;
    },
  });
}
