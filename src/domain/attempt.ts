import { z } from 'zod';
import { budgetState } from './budget.ts';
import { executorHold } from './executor-hold.ts';
import { httpAddress } from './http-address.ts';
import { labelValue } from './labels.ts';
import {
  billings,
  errorClasses,
  modelUsage,
  outcomeFields,
  refuseContradictions,
  usageTotals,
} from './outcome.ts';
import { task, taskId } from './task.ts';

/**
 * The protocol between a runner and the service: claim, heartbeat, finish. Any runner that speaks it over
 * HTTP is as good as ours.
 */

export const claimRequest = z
  .strictObject({
    runner: labelValue.meta({ description: 'A name that stays the same when the runner is started again.' }),
    executors: z.array(labelValue).min(1).max(50),
    free_workers: z.int().min(0).max(1000).meta({ description: 'At most this many tasks are handed out.' }),
    projects: z.array(labelValue).max(100).optional().meta({ description: 'All, if absent.' }),
    tags: z.array(z.string().min(1).max(64)).max(50).optional().meta({
      description:
        'What this runner offers: a task is handed out only if all its tags are here. All, if absent.',
    }),
    probed: z.array(labelValue).max(50).optional().meta({
      description:
        'Executors that were closed for this runner and whose probe passes now: they are opened again.',
    }),
    metrics_url: httpAddress.max(512).optional().meta({
      description: 'Where Prometheus finds this runner’s own metrics.',
    }),
  })
  .meta({ id: 'ClaimRequest' });
export type ClaimRequest = z.output<typeof claimRequest>;

export const claimedTask = z
  .object({
    task,
    attempt: z.int(),
    lease_token: z.string(),
    lease_expires_at: z.string(),
    lease_seconds: z.number(),
    queue_seconds: z.number().meta({ description: 'From when the task could first run until now.' }),
    labels: z
      .record(z.string(), z.string())
      .meta({ description: 'The bounded labels of this task’s outcome.' }),
  })
  .meta({ id: 'ClaimedTask' });
export type ClaimedTask = z.infer<typeof claimedTask>;

export const claimAnswer = z
  .object({
    tasks: z.array(claimedTask),
    held: z.array(executorHold).optional().meta({
      description: 'The runner’s executors that get no tasks now. It probes those that are closed.',
    }),
    throttled: z.array(budgetState).optional().meta({
      description: 'The spent budgets because of which this runner gets critical tasks only.',
    }),
    reason: z.enum(['empty', 'paused', 'throttled']).optional().meta({ description: 'Why there are none.' }),
  })
  .meta({ id: 'ClaimAnswer' });
export type ClaimAnswer = z.infer<typeof claimAnswer>;

const leaseToken = z.string().min(1).max(100);

export const heartbeatRequest = z
  .strictObject({
    lease_token: leaseToken,
    seconds_since_progress: z
      .number()
      .min(0)
      .max(31 * 24 * 3600)
      .optional(),
  })
  .meta({ id: 'HeartbeatRequest' });
export type HeartbeatRequest = z.output<typeof heartbeatRequest>;

export const heartbeatAnswer = z
  .object({
    lease_expires_at: z.string(),
    cancel: z.boolean().meta({ description: 'True if the attempt is to be ended now.' }),
  })
  .meta({ id: 'HeartbeatAnswer' });
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswer>;

/** What an attempt changed in its work tree. */
export const workChanges = z
  .object({
    base: z.string().max(64).meta({ description: 'The commit that it began from.' }),
    head: z.string().max(64).meta({ description: 'The commit that it ended with; `base` if it made none.' }),
    commits: z.int().min(0),
    files: z
      .array(z.object({ path: z.string().max(1024), added: z.int().optional(), deleted: z.int().optional() }))
      .max(200)
      .meta({ description: 'The first 200; lines are absent for binary files.' }),
    files_changed: z.int().min(0),
    lines_added: z.int().min(0),
    lines_deleted: z.int().min(0),
  })
  .meta({ id: 'WorkChanges' });
export type WorkChanges = z.infer<typeof workChanges>;

/** How much of a task's log travels with its outcome, in bytes: the tail. */
export const logTailLimit = 65_536;

export const finishRequest = z
  .strictObject({
    lease_token: leaseToken,
    attempt: z.int().min(1),
    outcome: z
      .strictObject({
        ...outcomeFields.pick({
          duration_seconds: true,
          status: true,
          usage_by_model: true,
          usage: true,
          usage_state: true,
          cost_usd: true,
          cost_source: true,
          billing: true,
          duration_observed: true,
          raw_result: true,
          requested_model: true,
        }).shape,
        error_class: z.enum(errorClasses).optional(),
        model: labelValue.optional().meta({ description: 'What it ran on, as the CLI says.' }),
      })
      .superRefine(refuseContradictions),
    error_message: z.string().max(4096).optional(),
    decision_prompt: z.string().min(1).max(20_000).optional().meta({
      description: 'A question for a person: the task waits in needs_decision for the answer.',
    }),
    hand_back: z.boolean().optional().meta({
      description: 'True if the runner stops and gives the task back: no attempt is spent.',
    }),
    retry_at: z.iso.datetime({ offset: true }).optional().meta({
      description: 'When the provider said that its limit ends: its executor is paused until then.',
    }),
    changes: workChanges.optional(),
    log_tail: z.string().max(logTailLimit).optional(),
    branch: z.string().max(512).optional(),
    pull_request: z.string().max(1024).optional(),
  })
  .superRefine((finish, context) => {
    if (finish.outcome.status === 'failed' && !finish.outcome.error_class) {
      context.addIssue({
        code: 'custom',
        path: ['outcome', 'error_class'],
        message: 'says why a failed one failed',
      });
    }
  })
  .meta({ id: 'FinishRequest' });
export type FinishRequest = z.output<typeof finishRequest>;

export const finishAnswer = z
  .object({
    recorded: z.literal(true),
    final: z.boolean(),
    task_status: task.shape.status,
    labels: z.record(z.string(), z.string()),
  })
  .meta({ id: 'FinishAnswer' });
export type FinishAnswer = z.infer<typeof finishAnswer>;

/** One run of a task, as it is shown. */
export const attempt = z
  .object({
    attempt: z.int(),
    runner: z.string(),
    started_at: z.string(),
    ended_at: z.string().optional(),
    status: z.enum(['running', 'completed', 'failed']),
    final: z.boolean().optional(),
    queue_seconds: z.number(),
    duration_seconds: z.number().optional(),
    error_class: z.string().optional(),
    error_message: z.string().optional(),
    models: z.array(z.string()).optional().meta({
      description: 'What it ran on, as the CLI said; what was asked for is the task’s `model`.',
    }),
    usage: usageTotals.optional(),
    usage_by_model: z.array(modelUsage).optional(),
    usage_state: outcomeFields.shape.usage_state.meta({
      description: '`none`: the CLI did not say what was used. It is not known, and not 0.',
    }),
    cost_usd: z.number().optional(),
    cost_source: outcomeFields.shape.cost_source.meta({
      description: '`unpriced`: it has a cost, and nobody knows it. `none`: it has none.',
    }),
    billing: z.enum(billings).optional().meta({
      description: 'Under `subscription` the cost is notional: what it would have been by the token.',
    }),
    branch: z.string().optional(),
    changes: workChanges.optional(),
  })
  .meta({ id: 'Attempt' });
export type Attempt = z.infer<typeof attempt>;

export const taskIdParams = z.object({ id: taskId });
