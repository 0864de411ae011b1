import {
  type ClaimRequest,
  claimAnswer,
  claimRequest,
  type FinishRequest,
  finishAnswer,
  finishRequest,
  heartbeatAnswer,
  heartbeatRequest,
  taskIdParams,
} from '../domain/attempt.ts';
import type { Budget, BudgetState } from '../domain/budget.ts';
import { type Clock, toRfc3339 } from '../domain/clock.ts';
import { type Backoff, dispositionOf } from '../domain/disposition.ts';
import { AppError } from '../domain/errors.ts';
import { type ExecutorHold, holdAfter } from '../domain/executor-hold.ts';
import type { OutcomeLabels } from '../domain/labels.ts';
import { faultOf, type TaskMetric } from '../domain/outcome.ts';
import { requestDigest } from '../domain/request-digest.ts';
import type { Store } from '../domain/store.ts';
import type { Task } from '../domain/task.ts';
import { taskOutcome } from '../domain/task-outcome.ts';
import type { FinishResult, FinishStep } from '../domain/task-store.ts';
import { type Route, route } from './route.ts';

export interface AttemptRoutesOptions {
  store: Store;
  leaseSeconds: number;
  budget: Budget;
  /** How long after its lease the last attempt of a task may still report. */
  lastAttemptGraceSeconds: number;
  backoff: Backoff;
  clock: Clock;
  /** Puts a price on an outcome that has none, where it is known. */
  price: (metric: TaskMetric) => TaskMetric;
  /** Told of each outcome that is recorded, with its bounded labels. */
  onOutcome: (metric: TaskMetric, labels: OutcomeLabels) => void;
}

/** What a runner calls: claim, heartbeat, finish. */
export function attemptRoutes(options: AttemptRoutesOptions): Route[] {
  const { store, leaseSeconds, lastAttemptGraceSeconds, budget } = options;
  return [
    route({
      method: 'post',
      path: '/api/agent/tasks/claim',
      summary: 'Take tasks to run, each under a lease',
      scope: 'report',
      body: claimRequest,
      answers: { 200: { description: 'Tasks, or why there are none', schema: claimAnswer } },
      async handle({ body }) {
        const { runner, metrics_url, executors, projects, tags } = body;
        await store.runners.see(runner, { metrics_url, asks: { executors, projects, tags } });
        await store.tasks.expireLeases(lastAttemptGraceSeconds);
        const tasks = await store.tasks.claim(body, leaseSeconds, budget);
        const held = await holdsOn(store, body);
        const throttled = await throttlesOn(store, body, budget);
        const reason = tasks.length > 0 ? undefined : await whyNone(store, body, { held, throttled });
        return {
          body: {
            tasks,
            ...(held.length > 0 && { held }),
            ...(throttled.length > 0 && { throttled }),
            ...(reason && { reason }),
          },
        };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/tasks/{id}/heartbeat',
      summary: 'Extend the lease; learn of cancellation',
      scope: 'report',
      params: taskIdParams,
      body: heartbeatRequest,
      answers: { 200: { description: 'The lease as it is now', schema: heartbeatAnswer } },
      async handle({ params: { id }, body }) {
        const { lease_token, seconds_since_progress } = body;
        return { body: await store.tasks.heartbeat(id, lease_token, leaseSeconds, seconds_since_progress) };
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/tasks/{id}/finish',
      summary: 'Report what the attempt came to; the same again changes nothing',
      scope: 'report',
      params: taskIdParams,
      body: finishRequest,
      answers: { 200: { description: 'Recorded', schema: finishAnswer } },
      handle: async ({ params: { id }, body, sent }) => ({
        body: await finish(options, id, body, requestDigest(sent)),
      }),
    }),
  ];
}

async function finish(options: AttemptRoutesOptions, id: string, request: FinishRequest, digest: string) {
  const { store, onOutcome } = options;
  const task = await store.tasks.find(id);
  if (!task) throw new AppError('not_found', `there is no task ${id}`);
  const attempts = await store.tasks.listAttempts(id);
  const attempt = attempts.find(({ attempt }) => attempt === request.attempt);
  const hold =
    attempt && (await holdOf(options, { ...request, executor: task.executor, runner: attempt.runner }));
  const step = { ...finishStep(options, task, request, attempt?.queue_seconds), digest, hold };
  const result = await store.tasks.finish(step);
  if (result.kind === 'recorded') onOutcome(step.metric, result.labels);
  if (result.kind === 'recorded' && task.origin.startsWith('improvement:')) await store.improvements.settle();
  return answerOf(result, request.attempt);
}

/** The holds on the executors that a claim asks for, as far as they are this runner's. */
async function holdsOn({ executors }: Store, request: ClaimRequest): Promise<ExecutorHold[]> {
  const holds = await executors.list();
  return holds.filter(
    ({ executor, runner }) =>
      request.executors.includes(executor) && (runner === undefined || runner === request.runner),
  );
}

/** The spent budgets that hold back tasks which this claim asks for. */
async function throttlesOn(
  { budgets }: Store,
  request: ClaimRequest,
  budget: Budget,
): Promise<BudgetState[]> {
  if (!budget.throttle) return [];
  const states = await budgets.list(budget);
  const asksFor = (project: string | undefined) =>
    project === undefined || (request.projects?.includes(project) ?? true);
  return states.filter(({ throttled, project }) => throttled && asksFor(project));
}

async function whyNone(
  { executors, budgets }: Store,
  request: ClaimRequest,
  { held, throttled }: { held: ExecutorHold[]; throttled: BudgetState[] },
) {
  if (request.free_workers === 0) return 'empty';
  if (throttled.length > 0 && (await budgets.holdsBack(request))) return 'throttled';
  return held.length > 0 && (await executors.wouldClaim(request)) ? 'paused' : 'empty';
}

async function holdOf(
  { store, backoff, clock }: AttemptRoutesOptions,
  end: FinishRequest & { executor: string; runner: string },
): Promise<ExecutorHold | undefined> {
  const { executor, runner, outcome, error_message, retry_at } = end;
  const { error_class } = outcome;
  const fault = error_class && faultOf[error_class];
  if (fault !== 'provider' && fault !== 'set_up') return undefined;
  const holdsBefore = await store.executors.countHolds(executor, fault === 'set_up' ? runner : undefined);
  return holdAfter(
    { executor, runner, error_class, error_message, retry_at },
    { now: clock(), backoff, holdsBefore },
  );
}

function finishStep(
  { backoff, clock, price }: AttemptRoutesOptions,
  task: Task,
  request: FinishRequest,
  queue_seconds: number | undefined,
): Omit<FinishStep, 'digest'> {
  const { outcome, lease_token, attempt, error_message, decision_prompt } = request;
  const { status, error_class } = outcome;
  const end = { status, error_class, decision_prompt, hand_back: request.hand_back };
  const dispose = (cancel_requested: boolean) =>
    dispositionOf({ ...task, attempt }, { ...end, cancel_requested }, backoff);
  const disposition = dispose(false);
  const metric = taskOutcome(
    task,
    { attempt, final: disposition.final, queue_seconds, outcome },
    toRfc3339(clock()),
  );
  return {
    task_id: task.id,
    attempt,
    lease_token,
    metric: price(metric),
    disposition,
    disposition_if_cancelled: dispose(true),
    error_message,
    decision_prompt,
    log_tail: request.log_tail,
    branch: request.branch,
    changes: request.changes,
    pull_request: request.pull_request,
  };
}

function answerOf(result: FinishResult, attempt: number) {
  switch (result.kind) {
    case 'recorded':
    case 'repeated':
      return {
        recorded: true,
        final: result.final,
        task_status: result.task.status,
        labels: { ...result.labels },
      };
    case 'differs':
      throw new AppError(
        'conflict',
        `attempt ${attempt} was finished differently before; the first one stands`,
        {
          details: { reason: 'differs' },
        },
      );
    case 'superseded':
      throw new AppError('conflict', `attempt ${attempt} was superseded; what it spent is recorded`, {
        details: { reason: 'superseded' },
      });
  }
}
