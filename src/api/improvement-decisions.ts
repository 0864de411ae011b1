import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Improvement } from '../domain/improvement.ts';
import type { ImprovementStore } from '../domain/improvement-store.ts';
import { labelValue } from '../domain/labels.ts';
import { type NewTask, taskRequest } from '../domain/task.ts';
import { completeTask, type TaskDefaults } from '../domain/task-defaults.ts';
import { improvementAsShown } from '../improvement/digest.ts';

export interface ImprovementRules {
  improvements: ImprovementStore;
  defaults: TaskDefaults;
}

/** Why, for whoever looks at it later. */
const reason = z.string().min(1).max(2000).optional();

export const rejection = z.strictObject({ reason }).meta({ id: 'ImprovementRejection' });

/** A person's word, and what they changed of the task. What it runs on comes from the settings alone. */
export const approval = z
  .strictObject({
    reason,
    direction: taskRequest.shape.direction.optional().meta({
      description: 'What the task is told, in place of what was proposed.',
    }),
    project: labelValue.optional(),
    priority: taskRequest.shape.priority.unwrap().optional(),
  })
  .meta({ id: 'ImprovementApproval' });
export type Approval = z.infer<typeof approval>;

/** @throws AppError `not_found` */
export async function existingImprovement(
  { improvements }: Pick<ImprovementRules, 'improvements'>,
  id: string,
): Promise<Improvement> {
  const found = await improvements.find(id);
  if (!found) throw new AppError('not_found', `there is no improvement ${id}`);
  return improvementAsShown(found);
}

/** The task that approval makes of it now, with these changes; its id is a new one each time. */
export function taskOfApproval(
  { id, task }: Improvement,
  defaults: TaskDefaults,
  { direction = task.direction, project = task.project, priority = task.priority }: Approval = {},
): NewTask {
  return completeTask({ ...task, direction, project, priority }, defaults, `improvement:${id}`);
}

/** @throws AppError `not_found`; `conflict` if it was decided before */
export async function approveImprovement(
  rules: ImprovementRules,
  id: string,
  by: string,
  approval: Approval,
): Promise<Improvement> {
  const task = taskOfApproval(await existingImprovement(rules, id), rules.defaults, approval);
  return rules.improvements.approve(id, by, task, approval.reason);
}
