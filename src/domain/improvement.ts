import { createHash } from 'node:crypto';
import { z } from 'zod';
import { improvementStates } from './improvement-state.ts';
import { taskId, taskRequest } from './task.ts';

/** One episode of an alert that speaks for an improvement. */
export const alertEvidence = z.object({
  fingerprint: z.string(),
  starts_at: z.string(),
  last_received_at: z.string(),
  deliveries: z.int().meta({ description: 'How many webhook calls brought it.' }),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
});
export type AlertEvidence = z.infer<typeof alertEvidence>;

export const improvement = z
  .object({
    id: z.string(),
    identity: z
      .string()
      .meta({ description: 'A hash of the alert’s name and the labels that are its subject.' }),
    kind: z.string(),
    state: z.enum(improvementStates),
    title: z.string(),
    alert: z.string().meta({ description: 'The name of the alert that it came from.' }),
    subject: z.record(z.string(), z.string()),
    evidence: z.array(alertEvidence),
    calls: z.int().meta({ description: 'Webhook calls that were folded into this one proposal.' }),
    task: taskRequest.meta({ description: 'The task that approval makes, exactly.' }),
    task_id: taskId.optional(),
    proposed_at: z.string(),
    updated_at: z.string(),
    decided_at: z.string().optional(),
    decided_by: z.string().optional(),
    reason: z.string().optional(),
    finished_at: z.string().optional(),
  })
  .meta({ id: 'Improvement' });
export type Improvement = z.infer<typeof improvement>;

/** What an alert proposes: everything of an improvement that does not depend on what is stored. */
export interface Proposal {
  identity: string;
  kind: string;
  title: string;
  alert: string;
  subject: Record<string, string>;
  evidence: AlertEvidence;
  task: Improvement['task'];
}

/** What came of a proposal. `merged`, `cooling` and `muted` made nothing new. */
export type ProposeResult =
  | { kind: 'created' | 'merged'; improvement: Improvement }
  | { kind: 'cooling'; until: string }
  | { kind: 'muted'; until_episodes: number };

/** The identity of an improvement: a hash of what it came from and what it is about. */
export function improvementIdentity(alert: string, subject: Record<string, string>): string {
  const sorted = Object.entries(subject).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha256')
    .update(JSON.stringify([alert, sorted]))
    .digest('hex')
    .slice(0, 32);
}
