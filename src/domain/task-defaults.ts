import { AppError } from './errors.ts';
import { type NewTask, newTaskId, type TaskOrigin, type TaskRequest } from './task.ts';
import { defaultModel } from './task-outcome.ts';

/** What configuration decides of a task that does not say itself. */
export interface TaskDefaults {
  types: readonly string[];
  executor: string;
  model: string;
  by_type: Record<string, { executor?: string; model?: string }>;
  timeout_seconds: number;
  max_attempts: number;
}

/**
 * A whole task from a request.
 * @throws AppError `invalid` if the task type is not one that is taken, or a `shell` task has no command
 */
export function completeTask(request: TaskRequest, defaults: TaskDefaults, origin: TaskOrigin): NewTask {
  if (!defaults.types.includes(request.task_type)) {
    const known = defaults.types.join(', ');
    throw new AppError('invalid', `task_type ${request.task_type} is not one of ${known}`, {
      problems: [{ pointer: '/task_type', detail: `must be one of ${known}` }],
    });
  }
  const byType = defaults.by_type[request.task_type];
  const executor = request.executor ?? byType?.executor ?? defaults.executor;
  if (executor === 'shell' && !request.context.command) {
    throw new AppError('invalid', 'a shell task runs context.command, which is missing', {
      problems: [{ pointer: '/context/command', detail: 'must say what to run' }],
    });
  }
  return {
    ...request,
    id: request.id ?? newTaskId(),
    executor,
    // A shell command runs on no model.
    model:
      request.model ?? byType?.model ?? (executor === 'shell' ? 'none' : (defaults.model ?? defaultModel)),
    timeout_seconds: request.timeout_seconds ?? defaults.timeout_seconds,
    max_attempts: request.max_attempts ?? defaults.max_attempts,
    origin,
  };
}
