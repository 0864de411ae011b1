import { z } from 'zod';
import { labelValue } from './labels.ts';
import { verdicts } from './verdict.ts';

/** The default task types; configuration may name others. */
export const defaultTaskTypes = ['spec', 'impl', 'test', 'review', 'heal'] as const;

/** The executors that Andon has a name for; a runner of somebody else's may have others. */
export const knownExecutors = [
  'claude-code',
  'codex',
  'cursor',
  'gemini',
  'opencode',
  'aider',
  'shell',
] as const;

export const taskStatuses = [
  'pending',
  'running',
  'completed',
  'failed',
  'needs_decision',
  'cancelled',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** Ids are ours (`newTaskId`) or the caller's: safe in a file name, a branch name and a URL. */
export const taskId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, - or _');

const commandLine = z.string().min(1).max(8192);
const tag = z.string().min(1).max(64);

/** What the caller says about a task; unknown members are kept and handed to the runner. */
export const taskContext = z
  .looseObject({
    prompt_variant: labelValue.optional(),
    skill_version: labelValue.optional(),
    experiment: labelValue.optional(),
    variant: labelValue.optional(),
    spec_file: z.string().max(1024).optional(),
    backlog_item: labelValue.optional(),
    goal: labelValue.optional(),
    command: commandLine.optional().meta({ description: 'What a `shell` task runs.' }),
  })
  .refine((context) => JSON.stringify(context).length <= 65_536, 'must be at most 64 KiB as JSON');
export type TaskContext = z.infer<typeof taskContext>;

/** What a caller may say when it creates a task. The rest comes from configuration. */
export const taskRequest = z
  .strictObject({
    id: taskId
      .optional()
      .meta({ description: 'The caller’s own id; the same request again changes nothing.' }),
    direction: z.string().min(1).max(100_000).meta({ description: 'What is to be done, in words.' }),
    task_type: labelValue,
    project: labelValue.default('default'),
    executor: labelValue.optional(),
    model: labelValue.optional(),
    repo: z.string().min(1).max(1024).optional(),
    base_ref: z.string().min(1).max(256).optional(),
    verify: z.array(commandLine).max(20).optional(),
    priority: z.int().min(-1000).max(1000).default(0).meta({ description: 'Higher is sooner.' }),
    critical: z.boolean().optional().meta({
      description: 'True if it is handed out though a budget is spent; takes the scope `admin`.',
    }),
    depends_on: z.array(taskId).max(100).optional(),
    tags: z.array(tag).max(20).optional(),
    timeout_seconds: z
      .number()
      .positive()
      .max(7 * 24 * 3600)
      .optional(),
    max_attempts: z.int().min(1).max(100).optional(),
    max_cost_usd: z.number().positive().max(1e6).optional(),
    max_turns: z.int().min(1).max(10_000).optional(),
    expects_change: z.boolean().optional().meta({
      description:
        'Whether an attempt without a change in its work tree has failed; else by configuration, per task type.',
    }),
    context: taskContext.default({}),
  })
  .meta({ id: 'TaskRequest' });
export type TaskRequest = z.output<typeof taskRequest>;

export const taskOrigin = z.union([
  z.enum(['human', 'api', 'backlog']),
  z.templateLiteral(['improvement:', z.string()]),
]);
export type TaskOrigin = z.infer<typeof taskOrigin>;

/** A task with everything that configuration decides, as the store takes it. */
export interface NewTask extends TaskRequest {
  id: string;
  executor: string;
  model: string;
  timeout_seconds: number;
  max_attempts: number;
  origin: TaskOrigin;
}

const time = z.string().meta({ format: 'date-time' });

/** A task as it is shown. Not strict: an older reader passes over what a newer service adds. */
export const task = z
  .object({
    ...taskRequest.shape,
    id: taskId,
    status: z.enum(taskStatuses),
    executor: z.string(),
    model: z.string(),
    timeout_seconds: z.number(),
    max_attempts: z.int(),
    origin: z.string(),
    attempt: z.int().meta({ description: 'The number of the last attempt; 0 before the first.' }),
    attempts_spent: z.int().meta({
      description:
        'How many attempts count against max_attempts: not those that the provider or the set-up failed.',
    }),
    queued_at: time,
    not_before: time.optional().meta({ description: 'When the next attempt may begin, after a back-off.' }),
    started_at: time.optional(),
    finished_at: time.optional(),
    lease_expires_at: time.optional(),
    runner: z.string().optional(),
    cancel_requested: z.boolean().optional(),
    decision_prompt: z.string().optional(),
    decision: z.string().optional(),
    verdict: z.enum(verdicts).optional(),
    error_class: z.string().optional(),
    error_message: z.string().optional(),
    branch: z.string().optional(),
    pull_request: z.string().optional(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof task>;

/** A change that a person or script makes to a task. */
export const taskChange = z
  .strictObject({
    decision: z.string().min(1).max(20_000).optional().meta({
      description:
        'The answer to a needs_decision task; it goes back to pending with the answer in its context.',
    }),
    status: z.enum(['cancelled', 'pending']).optional().meta({
      description: '`cancelled` cancels (a running one by its next heartbeat), `pending` runs it again.',
    }),
    priority: z.int().min(-1000).max(1000).optional(),
    critical: z.boolean().optional().meta({
      description: 'Whether it is handed out though a budget is spent; takes the scope `admin`.',
    }),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'TaskChange' });
export type TaskChange = z.infer<typeof taskChange>;

const idAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new task id: 60 random bits in Crockford's base 32, short enough to be read aloud. */
export function newTaskId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => idAlphabet[byte % 32]).join('');
}

/** Statuses that only a person's word leads out of. */
export function isSettled(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
