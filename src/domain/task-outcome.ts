import type { FinishRequest } from './attempt.ts';
import { type OutcomeLabels, variantLabel } from './labels.ts';
import { foldModelName } from './model-name.ts';
import { longestDuration, normalizeOutcome, outcomeReport, type TaskMetric } from './outcome.ts';
import type { NewTask } from './task.ts';

/** What a runner, or the store in place of a runner that died, says of an attempt's end. */
export interface AttemptOutcome {
  attempt: number;
  final: boolean;
  queue_seconds?: number;
  outcome: FinishRequest['outcome'];
}

/** The TaskMetric of one attempt of our own task. `now` is RFC 3339: when the attempt ended. */
export function taskOutcome(
  task: Pick<NewTask, 'id' | 'task_type' | 'project' | 'executor' | 'model' | 'context'>,
  end: AttemptOutcome,
  now: string,
): TaskMetric {
  const { context } = task;
  const { model, ...outcome } = end.outcome;
  const report = outcomeReport.parse({
    ...outcome,
    task_id: task.id,
    attempt: end.attempt,
    final: end.final,
    queue_seconds: end.queue_seconds === undefined ? undefined : Math.min(longestDuration, end.queue_seconds),
    task_type: task.task_type,
    project: task.project,
    executor: task.executor,
    model: task.model === defaultModel ? (model ?? task.model) : task.model,
    ran_model: model,
    prompt_variant: context.prompt_variant,
    skill_version: context.skill_version,
    experiment: context.experiment,
    variant: context.variant,
    goal: context.goal,
    backlog_item: context.backlog_item,
  });
  return normalizeOutcome(report, now);
}

/** The labels, before the bounds, that a task's outcome will have; but for the model of one that leaves it to its CLI. */
export function taskLabels(
  task: Pick<NewTask, 'task_type' | 'project' | 'executor' | 'model' | 'context'>,
): OutcomeLabels {
  const { project, task_type, executor, model, context } = task;
  return { project, task_type, model: foldModelName(model), executor, variant: variantLabel(context) };
}

/** The model of a task that leaves the choice to the CLI; its outcome is labelled by what the CLI says it was. */
export const defaultModel = 'default';

/** The outcome of an attempt whose runner was not heard of again: `cancelled` if a person had asked for its end. */
export function unreportedOutcome(
  error_class: 'lost' | 'cancelled',
  durationSeconds: number,
): AttemptOutcome['outcome'] {
  return {
    status: 'failed',
    error_class,
    duration_seconds: Math.min(longestDuration, Math.max(0, durationSeconds)),
    billing: 'unknown',
    duration_observed: false,
  };
}
