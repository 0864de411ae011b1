import { z } from 'zod';
import type { Attempt, ClaimedTask, ClaimRequest } from '../../domain/attempt.ts';
import type { Budget } from '../../domain/budget.ts';
import { lastAttemptGrace } from '../../domain/disposition.ts';
import type { JudgedRun } from '../../domain/judged-run.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import type { NewTask, Task, TaskChange } from '../../domain/task.ts';
import type {
  FinishResult,
  FinishStep,
  TaskAges,
  TaskCount,
  TaskOrder,
  TaskQuery,
  TaskStore,
  WaitingTasks,
} from '../../domain/task-store.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { attemptOf } from './attempt-row.ts';
import { claim, expireLeases, heartbeat } from './claim.ts';
import { createTask } from './create.ts';
import { json, type SqliteDatabase } from './database.ts';
import { finish } from './finish.ts';
import { maybeNumber, maybeText, number, type Row, text } from './row.ts';
import { change } from './task-change.ts';
import { existingTask, statusOf, taskOf } from './task-row.ts';
import { findThrottle, notHeldBack, throttleOver, throttleParams } from './throttle.ts';
import { judge } from './verdict.ts';

const tagList = z.array(z.string());

export class SqliteTaskStore implements TaskStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async create(task: NewTask, digest?: string): Promise<{ task: Task; created: boolean }> {
    return this.#db.write((step) => createTask(step, task, digest));
  }

  async find(id: string): Promise<Task | undefined> {
    const row = await this.#db.read((step) => step.get(`SELECT * FROM tasks WHERE id = $id`, { id }));
    return row && taskOf(row);
  }

  async list(query: TaskQuery): Promise<Page<Task>> {
    const { limit, order = 'newest', cursor, budget, ...filter } = query;
    const after = order === 'newest' && cursor !== undefined ? decodeCursor(cursor) : undefined;
    const { where, by } = listing[order];
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT * FROM tasks
         WHERE ${where}
           AND ($status IS NULL OR status = $status) AND ($task_type IS NULL OR task_type = $task_type)
           AND ($project IS NULL OR project = $project) AND ($executor IS NULL OR executor = $executor)
           AND ($origin IS NULL OR origin = $origin) AND ($error_class IS NULL OR error_class = $error_class)
           AND ($model IS NULL OR ${ranAs('model')})
           AND ($variant IS NULL OR ${ranAs('variant')})
         ORDER BY ${by} LIMIT $rows`,
        {
          ...filter,
          ...throttleParams(findThrottle(step, order === 'claim' ? budget : undefined)),
          at: after?.at,
          id: after?.id,
          now: step.now,
          rows: limit + 1,
        },
      ),
    );
    const page = pageOf(rows.map(taskOf), limit, (task) => ({ at: Date.parse(task.queued_at), id: task.id }));
    return order === 'newest' ? page : { ...page, next_cursor: null };
  }

  async update(id: string, wanted: TaskChange): Promise<Task> {
    return this.#db.write((step) => {
      change(step, existingTask(step, id), wanted);
      return taskOf(existingTask(step, id));
    });
  }

  async setVerdict(id: string, verdict: Verdict, pullRequest?: string): Promise<Task | JudgedRun> {
    return this.#db.write((step) => judge(step, id, { verdict, pullRequest }));
  }

  async listAttempts(id: string): Promise<Attempt[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT attempts.*, outcomes.status, outcomes.final, outcomes.duration, outcomes.error_class,
           outcomes.cost_usd, outcomes.cost_source, outcomes.usage_state, outcomes.billing,
           metric ->> '$.ran_model' AS ran_model, metric -> '$.usage' AS usage,
           metric -> '$.usage_by_model' AS usage_by_model
         FROM attempts LEFT JOIN outcomes USING (task_id, attempt)
         WHERE task_id = $id ORDER BY attempt`,
        { id },
      ),
    );
    return rows.map(attemptOf);
  }

  async findLogTail(id: string): Promise<string | undefined> {
    const row = await this.#db.read((step) => step.get(`SELECT log_tail FROM tasks WHERE id = $id`, { id }));
    return maybeText(row?.log_tail);
  }

  async claim(request: ClaimRequest, leaseSeconds: number, budget?: Budget): Promise<ClaimedTask[]> {
    return this.#db.write((step) => claim(step, request, leaseSeconds, budget));
  }

  async heartbeat(id: string, leaseToken: string, leaseSeconds: number, secondsSinceProgress?: number) {
    return this.#db.write((step) =>
      heartbeat(step, existingTask(step, id), { leaseToken, leaseSeconds, secondsSinceProgress }),
    );
  }

  async finish(wanted: FinishStep): Promise<FinishResult> {
    return this.#db.write((step) => finish(step, existingTask(step, wanted.task_id), wanted));
  }

  async expireLeases(graceSeconds = lastAttemptGrace): Promise<number> {
    const anyExpired = await this.#db.read((step) =>
      step.get(`SELECT 1 FROM tasks WHERE status = 'running' AND lease_expires_at < $now`, { now: step.now }),
    );
    return anyExpired ? this.#db.write((step) => expireLeases(step, graceSeconds)) : 0;
  }

  async countByStatus(): Promise<TaskCount[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT coalesce(p.value, 'other') AS project, coalesce(t.value, 'other') AS task_type, status,
           count(*) AS count
         FROM tasks
         LEFT JOIN label_values p ON p.label = 'project' AND p.value = tasks.project
         LEFT JOIN label_values t ON t.label = 'task_type' AND t.value = tasks.task_type
         GROUP BY 1, 2, 3`,
      ),
    );
    return rows.map((row) => ({ ...kindOf(row), status: statusOf(row), count: number(row.count) }));
  }

  async countWaiting(): Promise<WaitingTasks[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT executor, project, request -> '$.tags' AS tags, count(*) AS count, min(queued_at) AS oldest
         FROM tasks WHERE status = 'pending'
         GROUP BY 1, 2, 3 ORDER BY count DESC, executor, project, tags`,
      ),
    );
    return rows.map(waitingOf);
  }

  async listAges(budget?: Budget): Promise<TaskAges[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT coalesce(p.value, 'other') AS project, coalesce(t.value, 'other') AS task_type,
           coalesce(e.value, 'other') AS executor,
           min(CASE WHEN status = 'pending' AND coalesce(not_before, 0) <= $now
                     AND coalesce(h.over_at, 0) <= $now AND ${notHeldBack}
                     AND NOT EXISTS (SELECT 1 FROM json_each(tasks.request, '$.depends_on') d
                                     LEFT JOIN tasks x ON x.id = d.value WHERE x.status IS NOT 'completed')
               THEN max(queued_at, coalesce(not_before, 0), coalesce(h.over_at, 0),
                        coalesce(${throttleOver}, 0)) END) AS oldest_pending,
           min(CASE WHEN status = 'running' THEN started_at END) AS oldest_started,
           min(CASE WHEN status = 'running' THEN progress_at END) AS oldest_progress,
           min(CASE WHEN status = 'needs_decision'
               THEN (SELECT max(ended_at) FROM attempts WHERE task_id = tasks.id) END) AS oldest_decision
         FROM tasks
         LEFT JOIN label_values p ON p.label = 'project' AND p.value = tasks.project
         LEFT JOIN label_values t ON t.label = 'task_type' AND t.value = tasks.task_type
         LEFT JOIN label_values e ON e.label = 'executor' AND e.value = tasks.executor
         LEFT JOIN executor_holds h ON h.executor = tasks.executor AND h.runner = ''
         WHERE status IN ('pending', 'running', 'needs_decision')
         GROUP BY 1, 2, 3`,
        { now: step.now, ...throttleParams(findThrottle(step, budget)) },
      ),
    );
    return rows.map((row) => ({
      ...kindOf(row),
      executor: text(row.executor),
      oldest_pending: maybeNumber(row.oldest_pending),
      oldest_started: maybeNumber(row.oldest_started),
      oldest_progress: maybeNumber(row.oldest_progress),
      oldest_decision: maybeNumber(row.oldest_decision),
    }));
  }
}

function waitingOf(row: Row): WaitingTasks {
  return {
    executor: text(row.executor),
    project: text(row.project),
    tags: row.tags === null ? [] : tagList.parse(json(row.tags)),
    count: number(row.count),
    oldest: number(row.oldest),
  };
}

/** Whether an outcome of the task has the label; of one that has none, whether its first will have it. */
function ranAs(label: 'model' | 'variant'): string {
  const outcomes = `SELECT 1 FROM outcomes WHERE task_id = tasks.id`;
  return `(EXISTS (${outcomes} AND outcomes.${label} = $${label})
    OR NOT EXISTS (${outcomes}) AND task_label(request, '${label}') = $${label})`;
}

/** Which tasks an order is of, and the order; as the indexes have them. */
const listing: Record<TaskOrder, { where: string; by: string }> = {
  newest: { where: `($at IS NULL OR (queued_at, id) < ($at, $id))`, by: `queued_at DESC, id DESC` },
  claim: {
    where: `status = 'pending' AND coalesce(not_before, 0) <= $now AND ${notHeldBack}
            AND NOT EXISTS (SELECT 1 FROM executor_holds h
                            WHERE h.executor = tasks.executor AND h.runner = '' AND h.over_at > $now)
            AND NOT EXISTS (SELECT 1 FROM json_each(tasks.request, '$.depends_on') d
                            LEFT JOIN tasks x ON x.id = d.value WHERE x.status IS NOT 'completed')`,
    by: `priority DESC, queued_at, id`,
  },
  blocked: {
    where: `status = 'pending'
            AND EXISTS (SELECT 1 FROM json_each(tasks.request, '$.depends_on') d
                        LEFT JOIN tasks x ON x.id = d.value
                        WHERE x.id IS NULL OR x.status IN ('failed', 'cancelled'))`,
    by: `priority DESC, queued_at, id`,
  },
  oldest_start: { where: `status = 'running'`, by: `started_at, id` },
  oldest_decision: { where: `status = 'needs_decision'`, by: `queued_at, id` },
  last_ended: { where: `status IN ('completed', 'failed', 'cancelled')`, by: `finished_at DESC, id DESC` },
};

function kindOf(row: Row): { project: string; task_type: string } {
  return { project: text(row.project), task_type: text(row.task_type) };
}
