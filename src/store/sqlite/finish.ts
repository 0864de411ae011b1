import type { Disposition } from '../../domain/disposition.ts';
import { AppError } from '../../domain/errors.ts';
import type { FinishResult, FinishStep } from '../../domain/task-store.ts';
import type { Step } from './database.ts';
import { json } from './database.ts';
import { endRow, recordHold } from './executor-hold.ts';
import { outcomeLabelsFrom, recordLateUsage, recordOutcome } from './outcome-store.ts';
import { number, type Row, text } from './row.ts';
import { see } from './runner-store.ts';
import { existingTask, taskOf } from './task-row.ts';

/** Ends an attempt. The rules of the design for a finish: once, the first stands, a late one counts while it may. */
export function finish(step: Step, row: Row, wanted: FinishStep): FinishResult {
  const attempt = step.get(`SELECT * FROM attempts WHERE task_id = $task_id AND attempt = $attempt`, {
    task_id: wanted.task_id,
    attempt: wanted.attempt,
  });
  if (!attempt || text(attempt.lease_token) !== wanted.lease_token) {
    throw new AppError(
      'conflict',
      `this lease is not of attempt ${wanted.attempt} of task ${wanted.task_id}`,
    );
  }
  if (attempt.superseded === 1) return { kind: 'superseded', task: taskOf(row) };
  if (attempt.finish_digest !== null) return again(step, row, attempt, wanted);
  if (attempt.ended_at !== null || number(row.attempt) !== wanted.attempt) {
    recordLateUsage(step, wanted.metric);
    endAttempt(step, wanted, true);
    return { kind: 'superseded', task: taskOf(row) };
  }
  const disposition = row.cancel_requested === 1 ? wanted.disposition_if_cancelled : wanted.disposition;
  const { labels } = recordOutcome(step, { ...wanted.metric, final: disposition.final });
  see(step, text(attempt.runner));
  endAttempt(step, wanted, false);
  if (wanted.hold) recordHold(step, wanted.hold);
  if (wanted.metric.status === 'completed') endRow(step, wanted.metric.executor, text(attempt.runner));
  updateTask(step, wanted, disposition);
  return {
    kind: 'recorded',
    task: taskOf(existingTask(step, wanted.task_id)),
    final: disposition.final,
    labels,
  };
}

function again(step: Step, row: Row, attempt: Row, wanted: FinishStep): FinishResult {
  if (text(attempt.finish_digest) !== wanted.digest) return { kind: 'differs', task: taskOf(row) };
  const outcome = step.get(
    `SELECT labels, final FROM outcomes WHERE task_id = $task_id AND attempt = $attempt`,
    {
      task_id: wanted.task_id,
      attempt: wanted.attempt,
    },
  );
  const labels = outcomeLabelsFrom(json(outcome?.labels));
  return { kind: 'repeated', task: taskOf(row), final: outcome?.final === 1, labels };
}

function endAttempt(step: Step, wanted: FinishStep, superseded: boolean): void {
  step.run(
    `UPDATE attempts SET ended_at = $now, superseded = $superseded, finish_digest = $digest,
       error_message = $error_message, branch = $branch, changes = $changes
     WHERE task_id = $task_id AND attempt = $attempt`,
    {
      now: step.now,
      superseded: superseded ? 1 : 0,
      digest: wanted.digest,
      error_message: wanted.error_message,
      branch: wanted.branch,
      changes: wanted.changes && JSON.stringify(wanted.changes),
      task_id: wanted.task_id,
      attempt: wanted.attempt,
    },
  );
}

function updateTask(step: Step, wanted: FinishStep, disposition: Disposition): void {
  const { metric } = wanted;
  step.run(
    `UPDATE tasks SET status = $status, attempts_spent = attempts_spent + $spent, not_before = $not_before,
       finished_at = iif($final, $now, NULL), lease_expires_at = NULL, progress_at = NULL, cancel_requested = 0,
       error_class = $error_class, error_message = $error_message, decision_prompt = $decision_prompt,
       log_tail = coalesce($log_tail, log_tail), branch = coalesce($branch, branch),
       pull_request = coalesce($pull_request, pull_request)
     WHERE id = $id`,
    {
      id: wanted.task_id,
      status: disposition.status,
      spent: disposition.spent ? 1 : 0,
      final: disposition.final ? 1 : 0,
      now: step.now,
      not_before:
        disposition.backoff_seconds === undefined ? undefined : step.now + disposition.backoff_seconds * 1000,
      error_class: metric.error_class,
      error_message: wanted.error_message,
      decision_prompt: wanted.decision_prompt,
      log_tail: wanted.log_tail,
      branch: wanted.branch,
      pull_request: wanted.pull_request,
    },
  );
}
