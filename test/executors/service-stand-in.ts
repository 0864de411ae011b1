import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type ClaimedTask,
  type ClaimRequest,
  claimRequest,
  type FinishRequest,
  finishRequest,
  type HeartbeatRequest,
  heartbeatRequest,
} from '../../src/domain/attempt.ts';
import type { Task } from '../../src/domain/task.ts';

/** A service with just what a runner calls, whose answers a test decides. */
export interface ServiceStandIn {
  readonly url: string;
  /** What a claim hands out next. */
  queue: Task[];
  /** Answers every request with this status, while it is set. */
  failWith?: number;
  /** Answers heartbeats with this status, while it is set. */
  heartbeatStatus?: number;
  finishStatus?: number;
  cancel: boolean;
  leaseSeconds: number;
  readonly claims: ClaimRequest[];
  readonly heartbeats: HeartbeatRequest[];
  readonly finishes: { id: string; request: FinishRequest }[];
  readonly left: string[];
  readonly authorizations: (string | undefined)[];
  /** Requests of all kinds, the refused ones too. */
  requests: number;
  /** How many of them were being answered at the same time, at most. */
  mostAtOnce: number;
  close(): Promise<void>;
}

export const answeredLabels = {
  project: 'bounded',
  task_type: 'impl',
  model: 'other',
  executor: 'shell',
  variant: 'none',
};

export async function startServiceStandIn(): Promise<ServiceStandIn> {
  let atOnce = 0;
  const server = createServer(async (request, response) => {
    atOnce += 1;
    service.mostAtOnce = Math.max(service.mostAtOnce, atOnce);
    response.once('close', () => {
      atOnce -= 1;
    });
    const { status, content } = await answer(service, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const service: ServiceStandIn = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    queue: [],
    cancel: false,
    leaseSeconds: 60,
    claims: [],
    heartbeats: [],
    finishes: [],
    left: [],
    authorizations: [],
    requests: 0,
    mostAtOnce: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}

async function answer(service: ServiceStandIn, request: IncomingMessage) {
  const body: unknown = JSON.parse(await text(request));
  service.requests += 1;
  service.authorizations.push(request.headers.authorization);
  if (service.failWith) return problem(service.failWith);
  const [, noun, id = '', verb] =
    /^\/api\/agent\/(tasks|runners)\/([^/]+)\/?(\w*)$/.exec(request.url ?? '') ?? [];
  if (noun === 'runners') {
    service.left.push(id);
    return { status: 200, content: {} };
  }
  if (id === 'claim') return claim(service, claimRequest.parse(body));
  return verb === 'heartbeat'
    ? heartbeat(service, heartbeatRequest.parse(body))
    : finish(service, id, finishRequest.parse(body));
}

function problem(status: number) {
  return { status, content: { title: 'Refused', detail: `said ${status}` } };
}

function claim(service: ServiceStandIn, request: ClaimRequest) {
  service.claims.push(request);
  const tasks = service.queue
    .splice(0, request.free_workers)
    .map((task) => claimed(task, service.leaseSeconds));
  return { status: 200, content: tasks.length > 0 ? { tasks } : { tasks, reason: 'empty' } };
}

function heartbeat(service: ServiceStandIn, request: HeartbeatRequest) {
  service.heartbeats.push(request);
  if (service.heartbeatStatus) return problem(service.heartbeatStatus);
  return { status: 200, content: { lease_expires_at: new Date(0).toISOString(), cancel: service.cancel } };
}

function finish(service: ServiceStandIn, id: string, request: FinishRequest) {
  service.finishes.push({ id, request });
  if (service.finishStatus) return problem(service.finishStatus);
  const { status } = request.outcome;
  return {
    status: 200,
    content: { recorded: true, final: true, task_status: status, labels: answeredLabels },
  };
}

/** A task as a claim hands it out. */
export function claimed(task: Task, leaseSeconds = 60): ClaimedTask {
  return {
    task,
    attempt: 1,
    lease_token: `lease-of-${task.id}`,
    lease_expires_at: new Date(0).toISOString(),
    lease_seconds: leaseSeconds,
    queue_seconds: 7,
    labels: { ...answeredLabels },
  };
}

let made = 0;

/** A task for the shell, with changes. */
export function shellTask(command: string, changes: Partial<Task> = {}): Task {
  made += 1;
  return {
    id: `t${made}`,
    direction: 'Do what is to be done.',
    task_type: 'impl',
    project: 'default',
    executor: 'shell',
    model: 'default',
    priority: 0,
    context: { command },
    status: 'running',
    timeout_seconds: 30,
    max_attempts: 2,
    origin: 'api',
    attempt: 1,
    attempts_spent: 0,
    queued_at: '2026-08-01T10:00:00.000Z',
    started_at: '2026-08-01T10:00:07.000Z',
    ...changes,
  };
}

/** A task for Claude Code, with changes. */
export function agentTask(changes: Partial<Task> = {}): Task {
  return shellTask('', { executor: 'claude-code', context: {}, ...changes });
}
