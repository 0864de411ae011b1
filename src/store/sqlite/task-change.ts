import { AppError } from '../../domain/errors.ts';
import { isSettled, type TaskChange } from '../../domain/task.ts';
import { closeOpenAttempt } from './claim.ts';
import type { Step } from './database.ts';
import { number, type Row, text } from './row.ts';
import { statusOf } from './task-row.ts';

/** Carries out a person's change of a task. @throws AppError `conflict` if its status does not allow it */
export function change(step: Step, row: Row, wanted: TaskChange): void {
  if (wanted.decision !== undefined) decide(step, row, wanted.decision);
  if (wanted.status === 'cancelled') cancel(step, row);
  if (wanted.status === 'pending' && wanted.decision === undefined) requeue(step, row);
  if (wanted.priority !== undefined) {
    step.run(`UPDATE tasks SET priority = $priority WHERE id = $id`, {
      id: text(row.id),
      priority: wanted.priority,
    });
  }
  if (wanted.critical !== undefined) {
    step.run(`UPDATE tasks SET critical = $critical WHERE id = $id`, {
      id: text(row.id),
      critical: wanted.critical ? 1 : 0,
    });
  }
}

function decide(step: Step, row: Row, decision: string): void {
  allow(row, statusOf(row) === 'needs_decision', 'waits for no decision');
  step.run(
    `UPDATE tasks SET status = 'pending', decision = $decision, queued_at = $now, not_before = NULL,
       request = json_set(request, '$.context.decision', $decision, '$.context.decision_prompt', decision_prompt)
     WHERE id = $id`,
    { id: text(row.id), decision, now: step.now },
  );
}

function cancel(step: Step, row: Row): void {
  const status = statusOf(row);
  if (status === 'cancelled') return;
  allow(row, !isSettled(status), 'has ended already');
  if (status === 'running') {
    step.run(`UPDATE tasks SET cancel_requested = 1 WHERE id = $id`, { id: text(row.id) });
    return;
  }
  closeOpenAttempt(step, row, 'cancelled');
  step.run(`UPDATE tasks SET status = 'cancelled', finished_at = $now WHERE id = $id`, {
    id: text(row.id),
    now: step.now,
  });
}

/** A new life: attempts are numbered on, none is spent, and what was recorded of the first one stays. */
function requeue(step: Step, row: Row): void {
  const status = statusOf(row);
  if (status === 'pending') return;
  allow(row, isSettled(status), 'has not ended');
  step.run(
    `UPDATE tasks SET status = 'pending', attempts_spent = 0, queued_at = $now, not_before = NULL,
       finished_at = NULL, cancel_requested = 0, verdict = NULL
     WHERE id = $id`,
    { id: text(row.id), now: step.now },
  );
}

function allow(row: Row, allowed: boolean, otherwise: string): void {
  if (allowed) return;
  throw new AppError(
    'conflict',
    `task ${text(row.id)} is ${statusOf(row)} (attempt ${number(row.attempt)}): it ${otherwise}`,
  );
}
