import type { z } from 'zod';
import type { ReceivedAlert } from '../../src/domain/alert.ts';
import { type ClaimedTask, type FinishRequest, finishRequest } from '../../src/domain/attempt.ts';
import { dispositionOf } from '../../src/domain/disposition.ts';
import {
  type AlertEvidence,
  improvementIdentity,
  type Proposal,
  type ProposalRules,
} from '../../src/domain/improvement.ts';
import { normalizeOutcome, outcomeReport, type TaskMetric } from '../../src/domain/outcome.ts';
import { type NewTask, taskRequest } from '../../src/domain/task.ts';
import { taskOutcome } from '../../src/domain/task-outcome.ts';
import type { FinishStep } from '../../src/domain/task-store.ts';

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

export function sampleAlert(changes: Partial<ReceivedAlert> = {}): ReceivedAlert {
  return {
    fingerprint: 'f1',
    name: 'AgentRepeatedFailures',
    labels: { alertname: 'AgentRepeatedFailures' },
    annotations: {},
    status: 'firing',
    starts_at: '2026-03-02T09:00:00Z',
    ...changes,
  };
}

/** What an alert about a project proposes. */
export function sampleProposal(changes: Partial<AlertEvidence> = {}, project = 'shop'): Proposal {
  const subject = { project, task_type: 'impl' };
  return {
    identity: improvementIdentity('AgentRepeatedFailures', subject),
    kind: 'heal',
    title: `Mend impl in ${project}`,
    alert: 'AgentRepeatedFailures',
    subject,
    evidence: {
      fingerprint: 'f1',
      starts_at: '2026-03-02T09:00:00Z',
      last_received_at: '2026-03-02T09:00:01Z',
      deliveries: 1,
      labels: subject,
      annotations: {},
      ...changes,
    },
    task: taskRequest.parse({ direction: 'Mend it', task_type: 'heal', project }),
  };
}

export const sampleRules: ProposalRules = {
  cooldown_seconds: 3600,
  budget: { per_hour: 100, per_day: 100, open: 100 },
  digest: {
    identity: 'the digest',
    kind: 'digest',
    title: 'Find the cause',
    task: taskRequest.parse({ direction: 'Find it', task_type: 'heal' }),
  },
};
