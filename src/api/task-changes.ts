import { AppError } from '../domain/errors.ts';
import type { NewTask, Task, TaskChange } from '../domain/task.ts';
import { runsCallersCommands, type TaskDefaults } from '../domain/task-defaults.ts';
import type { TaskStore } from '../domain/task-store.ts';
import { type Principal, requireScope } from './access.ts';

export interface TaskRules {
  tasks: TaskStore;
  defaults: TaskDefaults;
  /** Whether tasks for the `shell` executor are taken here at all. */
  allowShell: boolean;
  /** The executors that there are; a task for another one would wait for ever. Any name is taken, unless said. */
  executors?: readonly string[];
}

/** @throws AppError `not_found` */
export async function existingTask({ tasks }: Pick<TaskRules, 'tasks'>, id: string): Promise<Task> {
  const found = await tasks.find(id);
  if (!found) throw new AppError('not_found', `there is no task ${id}`);
  return found;
}

/**
 * Carries out a person's or a script's change, as far as they may make it.
 * @throws AppError `not_found`; `unauthorized` or `forbidden`; `conflict` if the task's status does not allow it
 */
export async function changeTask(
  rules: TaskRules,
  principal: Principal,
  id: string,
  change: TaskChange,
): Promise<Task> {
  if (change.decision !== undefined || change.status === 'pending') {
    const found = await existingTask(rules, id);
    requireShell(rules, principal, found);
    requireForCritical(principal, found);
  }
  if (change.critical !== undefined) requireScope(principal, 'admin');
  return rules.tasks.update(id, change);
}

/** @throws AppError `invalid` for a task that could never run */
export function requireRunnable({ executors }: TaskRules, { executor }: NewTask): void {
  if (executors && !executors.includes(executor)) {
    const known = executors.join(', ');
    throw new AppError('invalid', `there is no executor ${executor}: it must be one of ${known}`, {
      problems: [{ pointer: '/executor', detail: `must be one of ${known}` }],
    });
  }
}

/**
 * To make or run again what runs in a shell (the task, or what verifies it) takes an admin, and a setting that allows
 * it; not that for an improvement's task, whose command is itself a setting.
 * @throws AppError `unauthorized` or `forbidden`
 */
export function requireShell(
  { allowShell, defaults }: TaskRules,
  principal: Principal,
  task: Parameters<typeof runsCallersCommands>[0] & { origin: string },
): void {
  if (!runsCallersCommands(task, defaults)) return;
  if (!allowShell && !task.origin.startsWith('improvement:')) {
    throw new AppError(
      'forbidden',
      'shell commands (executor shell, verify) are not taken: service.allow_shell_tasks is off',
    );
  }
  requireScope(principal, 'admin');
}

/**
 * To make or run again what no throttle holds back takes an admin: an agent that may queue tasks could go on spending.
 * @throws AppError `unauthorized` or `forbidden`
 */
export function requireForCritical(principal: Principal, { critical }: { critical?: boolean }): void {
  if (critical) requireScope(principal, 'admin');
}
