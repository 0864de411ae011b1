import { randomBytes } from 'node:crypto';
import type { ClaimedTask, ClaimRequest } from '../../domain/attempt.ts';
import { dispositionOf } from '../../domain/disposition.ts';
import { AppError } from '../../domain/errors.ts';
import { variantLabel } from '../../domain/labels.ts';
import { seriesBornWith } from '../../domain/ledger.ts';
import type { Task } from '../../domain/task.ts';
import { lostOutcome, taskOutcome } from '../../domain/task-outcome.ts';
import { bear, boundLabels, extendHolds } from './counter-store.ts';
import type { Step } from './database.ts';
import { recordOutcome } from './outcome-store.ts';
import { maybeNumber, number, type Row, text } from './row.ts';
import { existingTask, requestOf, taskOf } from './task-row.ts';

/** Hands out tasks that can run now, each as a new attempt under a lease. */
export function claim(step: Step, request: ClaimRequest, leaseSeconds: number): ClaimedTask[] {
  const rows = step.all(
    `SELECT * FROM tasks
     WHERE status = 'pending' AND coalesce(not_before, 0) <= $now
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
    },
  );
  return rows.flatMap((row) => beginAttempt(step, row, request.runner, leaseSeconds) ?? []);
}

function beginAttempt(step: Step, row: Row, runner: string, leaseSeconds: number): ClaimedTask | undefined {
  // Its last runner may still have been alive until now; from here on that attempt is over.
  if (closeLostAttempt(step, row) === 'ended') return undefined;
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
  const { project, task_type, model, executor, context } = task;
  const { labels } = boundLabels(step, {
    project,
    task_type,
    model,
    executor,
    variant: variantLabel(context),
  });
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

/** Seconds since the task could first have run: queued, its back-off over, and all it depends on completed. */
function secondsQueued(step: Step, row: Row): number {
  const dependencies = step.get(
    `SELECT max(x.finished_at) AS at FROM json_each($request, '$.depends_on') d JOIN tasks x ON x.id = d.value`,
    { request: text(row.request) },
  );
  const ready = Math.max(
    number(row.queued_at),
    maybeNumber(row.not_before) ?? 0,
    maybeNumber(dependencies?.at) ?? 0,
  );
  return Math.max(0, step.now - ready) / 1000;
}

/**
 * Records `lost` for a current attempt without an outcome, which spends it. Answers `ended` if the task has no
 * attempt left (it is failed now), else `open`.
 */
export function closeLostAttempt(step: Step, row: Row): 'ended' | 'open' {
  const attempt = step.get(
    `SELECT * FROM attempts WHERE task_id = $id AND attempt = $attempt AND ended_at IS NULL`,
    { id: text(row.id), attempt: number(row.attempt) },
  );
  if (!attempt) return 'open';
  const task = taskOf(row);
  const disposition = dispositionOf(
    task,
    { status: 'failed', error_class: 'lost' },
    { first_seconds: 0, longest_seconds: 0 },
  );
  const until = Math.min(step.now, maybeNumber(row.lease_expires_at) ?? step.now);
  endLostAttempt(step, task, disposition.final, Math.max(0, until - number(attempt.started_at)) / 1000);
  step.run(
    `UPDATE tasks SET status = $status, attempts_spent = attempts_spent + 1, error_class = 'lost',
       error_message = $message, finished_at = iif($final, $now, NULL), lease_expires_at = NULL
     WHERE id = $id`,
    {
      id: task.id,
      status: disposition.status,
      final: disposition.final ? 1 : 0,
      now: step.now,
      message: `runner ${text(attempt.runner)} was not heard of again`,
    },
  );
  return disposition.final ? 'ended' : 'open';
}

function endLostAttempt(step: Step, task: Task, final: boolean, seconds: number): void {
  const end = { attempt: task.attempt, final, outcome: lostOutcome(seconds) };
  const origin = { ...task, context: task.context };
  recordOutcome(step, taskOutcome(origin, end, new Date(step.now).toISOString()));
  step.run(`UPDATE attempts SET ended_at = $now WHERE task_id = $id AND attempt = $attempt`, {
    now: step.now,
    id: task.id,
    attempt: task.attempt,
  });
}

/** Gives back the tasks whose lease ran out; one without an attempt left is ended as `lost`. */
export function expireLeases(step: Step): number {
  const rows = step.all(`SELECT * FROM tasks WHERE status = 'running' AND lease_expires_at < $now`, {
    now: step.now,
  });
  for (const row of rows) {
    const spent = number(row.attempts_spent) + 1 >= requestOf(row).max_attempts;
    if (spent || row.cancel_requested === 1) closeLostAttempt(step, row);
    const status = row.cancel_requested === 1 ? 'cancelled' : 'pending';
    // The attempt has no outcome yet: a late finish still counts until somebody else claims the task.
    step.run(
      `UPDATE tasks SET status = $status, finished_at = iif($status = 'cancelled', $now, NULL)
       WHERE id = $id AND ($status = 'cancelled' OR status = 'running')`,
      { id: text(row.id), status, now: step.now },
    );
  }
  return rows.length;
}

/** @throws AppError `conflict` if the attempt was superseded or has ended */
export function heartbeat(
  step: Step,
  row: Row,
  beat: { leaseToken: string; leaseSeconds: number; secondsSinceProgress?: number },
): { lease_expires_at: string; cancel: boolean } {
  const current = step.get(
    `SELECT 1 FROM attempts WHERE task_id = $id AND attempt = $attempt AND lease_token = $token AND ended_at IS NULL`,
    { id: text(row.id), attempt: number(row.attempt), token: beat.leaseToken },
  );
  if (!current || (row.status !== 'running' && row.status !== 'pending')) {
    throw new AppError('conflict', `this attempt of task ${text(row.id)} is over`);
  }
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

/** Gives leases and held series the time back in which the service was away. */
export function giveBackTime(step: Step, milliseconds: number): void {
  step.run(
    `UPDATE tasks SET lease_expires_at = lease_expires_at + $gap, progress_at = progress_at + $gap
     WHERE status = 'running'`,
    { gap: milliseconds },
  );
  extendHolds(step, milliseconds);
}
