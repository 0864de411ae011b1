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

/** What the budget held back: not proposed, but listed in a digest until it is. */
export const heldBack = z
  .object({
    identity: z.string(),
    title: z.string(),
    alert: z.string(),
    subject: z.record(z.string(), z.string()),
    fingerprint: z.string().meta({ description: 'Of the alert that came last.' }),
    since: z.string().meta({ description: 'When it was first held back.' }),
    last_at: z.string(),
    count: z.int().meta({ description: 'Webhook calls that would have proposed it.' }),
    firing: z.boolean().meta({ description: 'Whether that alert fires still.' }),
  })
  .meta({ id: 'HeldBack' });
export type HeldBack = z.infer<typeof heldBack>;

/** What a digest lists, in short. */
const heldBackSummary = z.object({
  total: z.int(),
  by_alert: z.record(z.string(), z.int()),
  project: z.string().optional().meta({ description: 'If all are of one.' }),
  oldest: z.array(heldBack).meta({
    description: 'The first 50 that were held back; `…/{id}/held-back` lists all.',
  }),
});

export const improvement = z
  .object({
    id: z.string(),
    identity: z
      .string()
      .meta({ description: 'A hash of the alert’s name and the labels that are its subject.' }),
    kind: z.string(),
    state: z.enum(improvementStates),
    title: z.string(),
    alert: z.string().meta({
      description: 'The name of the alert that it came from; empty for a digest, which came from many.',
    }),
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
    held_back: heldBackSummary.optional().meta({ description: 'Only of a digest.' }),
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

/** What came of a proposal. Only `created` made it. */
export type ProposeResult =
  | { kind: 'created' | 'merged'; id: string }
  | { kind: 'cooling'; until: string }
  | { kind: 'muted'; until_episodes: number }
  /** Over the budget; without a digest if one that listed it was decided and is cooling down. */
  | { kind: 'held_back'; digest_id?: string };

/** How many proposals may be made, whatever they are about. Digests are not among them. */
export interface ProposalBudget {
  per_hour: number;
  per_day: number;
  /** In one of the open states at once. */
  open: number;
}

/** The kind of the one improvement that lists what the budget held back. */
export const digestKind = 'digest';

/** A digest before it lists anything. Its task's direction stands before the list. */
export type DigestProposal = Omit<Proposal, 'evidence' | 'alert' | 'subject'>;

/** What decides over proposals besides what is stored. */
export interface ProposalRules {
  cooldown_seconds: number;
  budget: ProposalBudget;
  digest: DigestProposal;
}

/** The identity of an improvement: a hash of what it came from and what it is about. */
export function improvementIdentity(alert: string, subject: Record<string, string>): string {
  const sorted = Object.entries(subject).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha256')
    .update(JSON.stringify([alert, sorted]))
    .digest('hex')
    .slice(0, 32);
}
