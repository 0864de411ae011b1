import { refuseCycle } from '../../domain/dependency-cycle.ts';
import { AppError } from '../../domain/errors.ts';
import { requestDigest } from '../../domain/request-digest.ts';
import type { NewTask, Task } from '../../domain/task.ts';
import { boundLabel } from './counter-store.ts';
import type { Step } from './database.ts';
import { text } from './row.ts';
import { existingTask, taskOf } from './task-row.ts';

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
  if (step.get(`SELECT 1 FROM outcomes WHERE task_id = $id LIMIT 1`, { id: task.id })) {
    // Its attempts would take the numbers of those, and not be recorded.
    throw new AppError('conflict', `runs of another runner are recorded under ${task.id}: take another id`);
  }
  refuseWaitingForItself(step, task);
  boundLabel(step, 'project', task.project);
  boundLabel(step, 'task_type', task.task_type);
  boundLabel(step, 'executor', task.executor);
  step.run(
    `INSERT INTO tasks (id, request, request_digest, status, project, task_type, executor, origin, priority,
       critical, queued_at)
     VALUES ($id, $request, $digest, 'pending', $project, $task_type, $executor, $origin, $priority,
       $critical, $now)`,
    {
      id: task.id,
      request: JSON.stringify(task),
      digest,
      project: task.project,
      task_type: task.task_type,
      executor: task.executor,
      origin: task.origin,
      priority: task.priority,
      critical: task.critical ? 1 : 0,
      now: step.now,
    },
  );
  step.run(
    `INSERT OR IGNORE INTO dependencies (task_id, depends_on) SELECT $id, value FROM json_each($depends_on)`,
    { id: task.id, depends_on: JSON.stringify(task.depends_on ?? []) },
  );
  return { task: taskOf(existingTask(step, task.id)), created: true };
}

/** @throws AppError `invalid` that names the cycle that the task would close */
function refuseWaitingForItself(step: Step, { id, depends_on = [] }: NewTask): void {
  // Nearly always nobody waits for a task that is not there yet, and there is nothing to search.
  const awaited = step.get(`SELECT 1 FROM dependencies WHERE depends_on = $id LIMIT 1`, { id });
  if (!awaited && !depends_on.includes(id)) return;
  refuseCycle({ id, depends_on }, (other) =>
    step
      .all(
        `SELECT d.depends_on FROM dependencies d JOIN tasks ON tasks.id = d.task_id
         WHERE d.task_id = $other AND tasks.status <> 'completed'`,
        { other },
      )
      .map((row) => text(row.depends_on)),
  );
}
