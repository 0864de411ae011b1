import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type NewTask, type Task, taskStatuses } from '../../domain/task.ts';
import { verdicts } from '../../domain/verdict.ts';
import { json, type Step } from './database.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row } from './row.ts';

const taskStatus = z.enum(taskStatuses);
const verdict = z.enum(verdicts).optional();

export function statusOf(row: Row): Task['status'] {
  return taskStatus.parse(row.status);
}

/** The request as it was stored: it was validated then. */
export function requestOf(row: Row): NewTask {
  return json(row.request) as NewTask;
}

export function taskOf(row: Row): Task {
  const status = statusOf(row);
  return {
    ...requestOf(row),
    priority: number(row.priority),
    status,
    attempt: number(row.attempt),
    attempts_spent: number(row.attempts_spent),
    queued_at: new Date(number(row.queued_at)).toISOString(),
    not_before: status === 'pending' ? maybeTime(row.not_before) : undefined,
    started_at: maybeTime(row.started_at),
    finished_at: maybeTime(row.finished_at),
    lease_expires_at: status === 'running' ? maybeTime(row.lease_expires_at) : undefined,
    runner: maybeText(row.runner),
    cancel_requested: maybeNumber(row.cancel_requested) === 1 && status === 'running' ? true : undefined,
    decision_prompt: maybeText(row.decision_prompt),
    decision: maybeText(row.decision),
    verdict: verdict.parse(maybeText(row.verdict)),
    error_class: maybeText(row.error_class),
    error_message: maybeText(row.error_message),
    branch: maybeText(row.branch),
    pull_request: maybeText(row.pull_request),
  };
}

/** The row of a task. @throws AppError `not_found` */
export function existingTask(step: Step, id: string): Row {
  const row = step.get(`SELECT * FROM tasks WHERE id = $id`, { id });
  if (!row) throw new AppError('not_found', `there is no task ${id}`);
  return row;
}
