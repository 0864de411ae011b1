import type { z } from 'zod';
import { type ClaimedTask, type FinishRequest, finishRequest } from '../../src/domain/attempt.ts';
import { dispositionOf } from '../../src/domain/disposition.ts';
import { normalizeOutcome, outcomeReport, type TaskMetric } from '../../src/domain/outcome.ts';
import type { FinishStep } from '../../src/domain/store.ts';
import { type NewTask, taskRequest } from '../../src/domain/task.ts';
import { taskOutcome } from '../../src/domain/task-outcome.ts';

export function sampleTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    ...taskRequest.parse({ direction: 'Add a parser', task_type: 'impl', project: 'shop' }),
    id: 't1',
    executor: 'shell',
    model: 'default',
    timeout_seconds: 60,
    max_attempts: 2,
    origin: 'api',
    ...changes,
  };
}

export function sampleMetric(changes: z.input<typeof outcomeReport> | object = {}): TaskMetric {
  const report = outcomeReport.parse({
    task_id: 'foreign-1',
    task_type: 'impl',
    model: 'opus',
    executor: 'claude-code',
    project: 'shop',
    duration_seconds: 30,
    status: 'completed',
    ...changes,
  });
  return normalizeOutcome(report, '2026-03-02T09:00:00.000Z');
}

/** What the service makes of a runner's finish. */
export function finishStep(
  claimed: ClaimedTask,
  outcome: Partial<FinishRequest['outcome']> = {},
  now = '2026-03-02T09:00:00.000Z',
): FinishStep {
  const { task, attempt, lease_token } = claimed;
  const request = finishRequest.parse({
    lease_token,
    attempt,
    outcome: { status: 'completed', duration_seconds: 5, ...outcome },
  });
  const { status, error_class } = request.outcome;
  const dispose = (cancel_requested: boolean) =>
    dispositionOf(
      task,
      { status, error_class, cancel_requested },
      { first_seconds: 30, longest_seconds: 3600 },
    );
  const disposition = dispose(false);
  const metric = taskOutcome(
    { ...task, context: task.context },
    { attempt, final: disposition.final, outcome: request.outcome },
    now,
  );
  return {
    task_id: task.id,
    attempt,
    lease_token,
    digest: JSON.stringify(outcome),
    metric,
    disposition,
    disposition_if_cancelled: dispose(true),
  };
}
