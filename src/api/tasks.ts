import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { attempt, taskIdParams } from '../domain/attempt.ts';
import { AppError } from '../domain/errors.ts';
import { requestDigest } from '../domain/request-digest.ts';
import type { TaskStore } from '../domain/store.ts';
import { type NewTask, task, taskChange, taskRequest, taskStatuses } from '../domain/task.ts';
import { completeTask, runsCallersCommands, type TaskDefaults } from '../domain/task-defaults.ts';
import { verdicts } from '../domain/verdict.ts';
import { type Principal, requireScope } from './access.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';

export interface TaskRoutesOptions {
  tasks: TaskStore;
  defaults: TaskDefaults;
  /** Whether tasks for the `shell` executor are taken here at all. */
  allowShell: boolean;
  /** The executors that there are; a task for another one would wait for ever. Any name is taken, unless said. */
  executors?: readonly string[];
  /** Where a runner on this machine writes task logs. */
  logsDir: string;
}

const taskDetail = task.extend({ attempts: z.array(attempt) }).meta({ id: 'TaskDetail' });
const verdictRequest = z
  .strictObject({ verdict: z.enum(verdicts), pull_request: z.string().min(1).max(1024).optional() })
  .meta({ id: 'VerdictRequest' });

/** Tasks: create, list, get, change, log, verdict. */
export function taskRoutes(options: TaskRoutesOptions): Route[] {
  const { tasks, defaults } = options;
  const find = async (id: string) => {
    const found = await tasks.find(id);
    if (!found) throw new AppError('not_found', `there is no task ${id}`);
    return found;
  };
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
        status: z.enum(taskStatuses).optional(),
        task_type: z.string().optional(),
        project: z.string().optional(),
        executor: z.string().optional(),
        origin: z.string().optional(),
      }),
      answers: { 200: { description: 'A page', schema: pageSchema(task) } },
      handle: async ({ query }) => ({ body: await tasks.list(query) }),
    }),
    route({
      method: 'get',
      path: '/api/agent/tasks/{id}',
      summary: 'One task with its attempts',
      scope: 'read',
      params: taskIdParams,
      answers: { 200: { description: 'The task', schema: taskDetail } },
      async handle({ params: { id } }) {
        const [found, attempts] = await Promise.all([find(id), tasks.listAttempts(id)]);
        return { body: { ...found, attempts } };
      },
    }),
    route({
      method: 'patch',
      path: '/api/agent/tasks/{id}',
      summary: 'Answer a decision, cancel, run again, or change the priority',
      scope: 'report',
      params: taskIdParams,
      body: taskChange,
      answers: { 200: { description: 'As it is now', schema: task } },
      async handle({ params: { id }, body, principal }) {
        if (body.decision !== undefined || body.status === 'pending') {
          requireShell(options, principal, await find(id));
        }
        return { body: await tasks.update(id, body) };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/tasks/{id}/verdict',
      summary: 'Say what became of a completed task’s work',
      scope: 'report',
      params: taskIdParams,
      body: verdictRequest,
      answers: { 200: { description: 'As it is now', schema: task } },
      handle: async ({ params, body }) => ({
        body: await tasks.setVerdict(params.id, body.verdict, body.pull_request),
      }),
    }),
    logRoute(options),
  ];
}

/** @throws AppError `invalid` for a task that could never run */
function requireRunnable({ executors }: TaskRoutesOptions, { id, executor, depends_on }: NewTask): void {
  if (executors && !executors.includes(executor)) {
    const known = executors.join(', ');
    throw new AppError('invalid', `there is no executor ${executor}: it must be one of ${known}`, {
      problems: [{ pointer: '/executor', detail: `must be one of ${known}` }],
    });
  }
  if (depends_on?.includes(id)) {
    throw new AppError('invalid', `task ${id} depends on itself`, {
      problems: [{ pointer: '/depends_on', detail: 'must not name the task itself' }],
    });
  }
}

/**
 * To make or run again what runs in a shell (the task, or what verifies it) takes an admin, and a setting that allows
 * it; not that for an improvement's task, whose command is itself a setting.
 * @throws AppError `unauthorized` or `forbidden`
 */
function requireShell(
  { allowShell, defaults }: TaskRoutesOptions,
  principal: Principal,
  task: Parameters<typeof runsCallersCommands>[0] & { origin: string },
): void {
  if (!runsCallersCommands(task, defaults)) return;
  if (!allowShell && !task.origin.startsWith('improvement:')) {
    throw new AppError(
      'forbidden',
      'shell commands (executor shell, verify) are not taken: service.allow_shell_tasks is off',
    );
  }
  requireScope(principal, 'admin');
}

function logRoute({ tasks, logsDir }: TaskRoutesOptions): Route {
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
      if (!(await tasks.find(id))) throw new AppError('not_found', `there is no task ${id}`);
      const file = join(logsDir, `task_${id}.log`);
      const size = await stat(file).then(
        (stats) => stats.size,
        () => undefined,
      );
      response.type('text/plain; charset=utf-8');
      if (size === undefined) {
        const tail = await tasks.findLogTail(id);
        if (tail === undefined) throw new AppError('not_found', `task ${id} has no log yet`);
        response.send(Buffer.from(tail).subarray(offset));
        return undefined;
      }
      if (offset >= size) response.end();
      else await pipeline(createReadStream(file, { start: offset, end: size - 1 }), response);
      return undefined;
    },
  });
}
