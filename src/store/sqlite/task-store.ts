import type { Attempt, ClaimedTask, ClaimRequest } from '../../domain/attempt.ts';
import { AppError } from '../../domain/errors.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import { requestDigest } from '../../domain/request-digest.ts';
import type {
  FinishResult,
  FinishStep,
  TaskAges,
  TaskCount,
  TaskOrder,
  TaskQuery,
  TaskStore,
} from '../../domain/store.ts';
import type { NewTask, Task, TaskChange } from '../../domain/task.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { attemptOf } from './attempt-row.ts';
import { claim, expireLeases, heartbeat } from './claim.ts';
import { boundLabel } from './counter-store.ts';
import type { SqliteDatabase, Step } from './database.ts';
import { finish } from './finish.ts';
import { maybeNumber, maybeText, number, type Row, text } from './row.ts';
import { change } from './task-change.ts';
import { existingTask, statusOf, taskOf } from './task-row.ts';

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
    const { limit, order = 'newest', cursor, ...filter } = query;
    const after = order === 'newest' && cursor !== undefined ? decodeCursor(cursor) : undefined;
    const { where, by } = listing[order];
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT * FROM tasks
         WHERE ${where}
           AND ($status IS NULL OR status = $status) AND ($task_type IS NULL OR task_type = $task_type)
           AND ($project IS NULL OR project = $project) AND ($executor IS NULL OR executor = $executor)
           AND ($origin IS NULL OR origin = $origin)
         ORDER BY ${by} LIMIT $rows`,
        { ...filter, at: after?.at, id: after?.id, now: step.now, rows: limit + 1 },
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

  async setVerdict(id: string, verdict: Verdict, pullRequest?: string): Promise<Task> {
    return this.#db.write((step) => {
      const status = statusOf(existingTask(step, id));
      if (status !== 'completed') {
        throw new AppError('conflict', `a verdict is about completed work, and task ${id} is ${status}`);
      }
      step.run(
        `UPDATE tasks SET verdict = $verdict, pull_request = coalesce($pull_request, pull_request) WHERE id = $id`,
        { id, verdict, pull_request: pullRequest },
      );
      return taskOf(existingTask(step, id));
    });
  }

  async listAttempts(id: string): Promise<Attempt[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT attempts.*, outcomes.status, outcomes.final, outcomes.duration, outcomes.error_class,
           outcomes.cost_usd
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

  async claim(request: ClaimRequest, leaseSeconds: number): Promise<ClaimedTask[]> {
    return this.#db.write((step) => claim(step, request, leaseSeconds));
  }

  async heartbeat(id: string, leaseToken: string, leaseSeconds: number, secondsSinceProgress?: number) {
    return this.#db.write((step) =>
      heartbeat(step, existingTask(step, id), { leaseToken, leaseSeconds, secondsSinceProgress }),
    );
  }

  async finish(wanted: FinishStep): Promise<FinishResult> {
    return this.#db.write((step) => finish(step, existingTask(step, wanted.task_id), wanted));
  }

  async expireLeases(): Promise<number> {
    const anyExpired = await this.#db.read((step) =>
      step.get(`SELECT 1 FROM tasks WHERE status = 'running' AND lease_expires_at < $now`, { now: step.now }),
    );
    return anyExpired ? this.#db.write(expireLeases) : 0;
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

  async listAges(): Promise<TaskAges[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT coalesce(p.value, 'other') AS project, coalesce(t.value, 'other') AS task_type,
           min(CASE WHEN status = 'pending' AND coalesce(not_before, 0) <= $now
                     AND coalesce(h.over_at, 0) <= $now
                     AND NOT EXISTS (SELECT 1 FROM json_each(tasks.request, '$.depends_on') d
                                     LEFT JOIN tasks x ON x.id = d.value WHERE x.status IS NOT 'completed')
               THEN max(queued_at, coalesce(not_before, 0), coalesce(h.over_at, 0)) END) AS oldest_pending,
           min(CASE WHEN status = 'running' THEN progress_at END) AS oldest_progress
         FROM tasks
         LEFT JOIN label_values p ON p.label = 'project' AND p.value = tasks.project
         LEFT JOIN label_values t ON t.label = 'task_type' AND t.value = tasks.task_type
         LEFT JOIN executor_holds h ON h.executor = tasks.executor AND h.runner = ''
         WHERE status IN ('pending', 'running')
         GROUP BY 1, 2`,
        { now: step.now },
      ),
    );
    return rows.map((row) => ({
      ...kindOf(row),
      oldest_pending: maybeNumber(row.oldest_pending),
      oldest_progress: maybeNumber(row.oldest_progress),
    }));
  }
}

/** Which tasks an order is of, and the order; as the indexes have them. */
const listing: Record<TaskOrder, { where: string; by: string }> = {
  newest: { where: `($at IS NULL OR (queued_at, id) < ($at, $id))`, by: `queued_at DESC, id DESC` },
  claim: {
    where: `status = 'pending' AND coalesce(not_before, 0) <= $now
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

/** Part of every step that makes a task. */
export function createTask(
  step: Step,
  task: NewTask,
  digest = requestDigest(task),
): { task: Task; created: boolean } {
  const known = step.get(`SELECT * FROM tasks WHERE id = $id`, { id: task.id });
  if (known) {
    if (text(known.request_digest) === digest) return { task: taskOf(known), created: false };
    throw new AppError('conflict', `there is a task ${task.id} already, and it is another one`);
  }
  boundLabel(step, 'project', task.project);
  boundLabel(step, 'task_type', task.task_type);
  step.run(
    `INSERT INTO tasks (id, request, request_digest, status, project, task_type, executor, origin, priority, queued_at)
     VALUES ($id, $request, $digest, 'pending', $project, $task_type, $executor, $origin, $priority, $now)`,
    {
      id: task.id,
      request: JSON.stringify(task),
      digest,
      project: task.project,
      task_type: task.task_type,
      executor: task.executor,
      origin: task.origin,
      priority: task.priority,
      now: step.now,
    },
  );
  return { task: taskOf(existingTask(step, task.id)), created: true };
}
