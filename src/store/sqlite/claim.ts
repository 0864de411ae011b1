import { randomBytes } from 'node:crypto';
import type { ClaimedTask, ClaimRequest } from '../../domain/attempt.ts';
import { type Budget, noThrottle } from '../../domain/budget.ts';
import { dispositionOf } from '../../domain/disposition.ts';
import { AppError } from '../../domain/errors.ts';
import { seriesBornWith } from '../../domain/ledger.ts';
import { taskLabels, taskOutcome, unreportedOutcome } from '../../domain/task-outcome.ts';
import { bear, boundLabels } from './counter-store.ts';
import type { Step } from './database.ts';
import { listHeld, openProbed } from './executor-hold.ts';
import { catchUp } from './lifetime.ts';
import { recordOutcome } from './outcome-store.ts';
import { maybeNumber, number, type Row, text } from './row.ts';
import { see } from './runner-store.ts';
import { existingTask, requestOf, taskOf } from './task-row.ts';
import { noteThrottle, notHeldBack, throttleOver, throttleParams } from './throttle.ts';

/** Hands out tasks that can run now, each as a new attempt under a lease. */
export function claim(
  step: Step,
  request: ClaimRequest,
  leaseSeconds: number,
  budget?: Budget,
): ClaimedTask[] {
  openProbed(step, request.runner, request.probed ?? []);
  const held = listHeld(step, request.runner);
  const executors = request.executors.filter((executor) => !held.includes(executor));
  const throttle = budget?.throttle ? noteThrottle(step, budget) : noThrottle;
  const rows = findClaimable(step, { ...request, executors }, throttle);
  return rows.flatMap((row) => beginAttempt(step, row, request.runner, leaseSeconds) ?? []);
}

/** The tasks that a runner would be handed now if none of these executors were held, and no other budget spent. */
export function findClaimable(
  step: Step,
  request: Pick<ClaimRequest, 'executors' | 'projects' | 'tags' | 'free_workers'>,
  throttle = noThrottle,
): Row[] {
  return step.all(
    `SELECT * FROM tasks
     WHERE status = 'pending' AND coalesce(not_before, 0) <= $now AND ${notHeldBack}
       AND executor IN (SELECT value FROM json_each($executors))
       AND ($projects IS NULL OR project IN (SELECT value FROM json_each($projects)))
       AND ($tags IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(tasks.request, '$.tags') t
                                         WHERE t.value NOT IN (SELECT value FROM json_each($tags))))
       AND NOT EXISTS (SELECT 1 FROM json_each(tasks.request, '$.depends_on') d
                       LEFT JOIN tasks x ON x.id = d.value WHERE x.status IS NOT 'completed')
     ORDER BY priority DESC, queued_at, id LIMIT $free_workers`,
    {
      now: step.now,
      executors: JSON.stringify(request.executors),
      projects: request.projects && JSON.stringify(request.projects),
      tags: request.tags && JSON.stringify(request.tags),
      free_workers: request.free_workers,
      ...throttleParams(throttle),
    },
  );
}

function beginAttempt(step: Step, row: Row, runner: string, leaseSeconds: number): ClaimedTask | undefined {
  // Its last runner may still have been alive until now; from here on that attempt is over.
  if (closeOpenAttempt(step, row, 'lost') === 'ended') return undefined;
  const task = requestOf(row);
  const attempt = number(row.attempt) + 1;
  const lease_token = randomBytes(16).toString('base64url');
  const expires = step.now + leaseSeconds * 1000;
  const queue_seconds = secondsQueued(step, row);
  step.run(
    `INSERT INTO attempts (task_id, attempt, runner, lease_token, started_at, queue_seconds)
     VALUES ($id, $attempt, $runner, $lease_token, $now, $queue_seconds)`,
    { id: task.id, attempt, runner, lease_token, now: step.now, queue_seconds },
  );
  step.run(
    `UPDATE tasks SET status = 'running', attempt = $attempt, runner = $runner, started_at = $now,
       finished_at = NULL, lease_expires_at = $expires, progress_at = $now, not_before = NULL
     WHERE id = $id`,
    { id: task.id, attempt, runner, now: step.now, expires },
  );
  const { labels } = boundLabels(step, taskLabels(task));
  bear(step, seriesBornWith(labels));
  return {
    task: taskOf(existingTask(step, task.id)),
    attempt,
    lease_token,
    lease_expires_at: new Date(expires).toISOString(),
    lease_seconds: leaseSeconds,
    queue_seconds,
    labels: { ...labels },
  };
}

/**
 * Seconds since the task could first have run: queued, its back-off, its executor's pause and the throttle over, all it
 * depends on completed.
 */
function secondsQueued(step: Step, row: Row): number {
  const dependencies = step.get(
    `SELECT max(x.finished_at) AS at FROM json_each($request, '$.depends_on') d JOIN tasks x ON x.id = d.value`,
    { request: text(row.request) },
  );
  const pause = step.get(
    `SELECT over_at FROM executor_holds WHERE executor = $executor AND runner = '' AND over_at <= $now`,
    { executor: text(row.executor), now: step.now },
  );
  const throttle = step.get(`SELECT ${throttleOver} AS over_at FROM tasks WHERE id = $id`, {
    id: text(row.id),
  });
  const ready = Math.max(
    number(row.queued_at),
    maybeNumber(throttle?.over_at) ?? 0,
    maybeNumber(pause?.over_at) ?? 0,
    maybeNumber(row.not_before) ?? 0,
    maybeNumber(dependencies?.at) ?? 0,
  );
  return Math.max(0, step.now - ready) / 1000;
}

/**
 * Records the outcome of a current attempt that has none: `lost`, which spends it, or `cancelled`. Answers `ended` if
 * the task has no attempt left (it is failed now), else `open`.
 */
export function closeOpenAttempt(step: Step, row: Row, as: 'lost' | 'cancelled'): 'ended' | 'open' {
  const attempt = step.get(
    `SELECT * FROM attempts WHERE task_id = $id AND attempt = $attempt AND ended_at IS NULL`,
    { id: text(row.id), attempt: number(row.attempt) },
  );
  if (!attempt) return 'open';
  const task = taskOf(row);
  const end = { status: 'failed', error_class: as } as const;
  const disposition = dispositionOf(task, end, { first_seconds: 0, longest_seconds: 0 });
  const until = Math.min(step.now, maybeNumber(row.lease_expires_at) ?? step.now);
  const outcome = unreportedOutcome(as, (until - number(attempt.started_at)) / 1000);
  const metric = { attempt: task.attempt, final: disposition.final, outcome };
  recordOutcome(step, taskOutcome(task, metric, new Date(step.now).toISOString()));
  step.run(`UPDATE attempts SET ended_at = $now WHERE task_id = $id AND attempt = $attempt`, {
    now: step.now,
    id: task.id,
    attempt: task.attempt,
  });
  step.run(
    `UPDATE tasks SET status = $status, attempts_spent = attempts_spent + 1, error_class = $error_class,
       error_message = $message, finished_at = iif($final, $now, NULL), lease_expires_at = NULL, cancel_requested = 0
     WHERE id = $id`,
    {
      id: task.id,
      status: disposition.status,
      error_class: as,
      final: disposition.final ? 1 : 0,
      now: step.now,
      message: `runner ${text(attempt.runner)} was not heard of again`,
    },
  );
  return disposition.final ? 'ended' : 'open';
}

/** Gives back the tasks whose lease ran out; one on its last attempt is over so many seconds later. */
export function expireLeases(step: Step, graceSeconds: number): number {
  catchUp(step);
  const rows = step.all(`SELECT * FROM tasks WHERE status = 'running' AND lease_expires_at < $now`, {
    now: step.now,
  });
  for (const row of rows) expire(step, row, graceSeconds);
  return rows.length;
}

function expire(step: Step, row: Row, graceSeconds: number): void {
  if (row.cancel_requested === 1) {
    closeOpenAttempt(step, row, 'cancelled');
    return;
  }
  if (number(row.attempts_spent) + 1 >= requestOf(row).max_attempts) {
    const over = number(row.lease_expires_at) + graceSeconds * 1000 < step.now;
    if (over) closeOpenAttempt(step, row, 'lost');
    return;
  }
  // The attempt has no outcome yet: a late finish still counts until somebody else claims the task.
  step.run(`UPDATE tasks SET status = 'pending', not_before = $now WHERE id = $id`, {
    id: text(row.id),
    now: step.now,
  });
}

/** @throws AppError `conflict` if the attempt was superseded or has ended */
export function heartbeat(
  step: Step,
  row: Row,
  beat: { leaseToken: string; leaseSeconds: number; secondsSinceProgress?: number },
): { lease_expires_at: string; cancel: boolean } {
  const current = step.get(
    `SELECT runner FROM attempts WHERE task_id = $id AND attempt = $attempt AND lease_token = $token AND ended_at IS NULL`,
    { id: text(row.id), attempt: number(row.attempt), token: beat.leaseToken },
  );
  if (!current || (row.status !== 'running' && row.status !== 'pending')) {
    throw new AppError('conflict', `this attempt of task ${text(row.id)} is over`);
  }
  // One whose workers are all busy claims nothing, and is alive.
  see(step, text(current.runner));
  const expires = step.now + beat.leaseSeconds * 1000;
  // A lease that ran out and that nobody else has taken up begins again.
  step.run(
    `UPDATE tasks SET status = 'running', lease_expires_at = $expires, progress_at = $progress_at
     WHERE id = $id`,
    {
      id: text(row.id),
      expires,
      // An executor that does not stream cannot say: its silence means nothing.
      progress_at: Math.round(step.now - (beat.secondsSinceProgress ?? 0) * 1000),
    },
  );
  return { lease_expires_at: new Date(expires).toISOString(), cancel: row.cancel_requested === 1 };
}
