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
  /** What a task of a project has unless it says. */
  projects: Record<string, ProjectDefaults>;
}

export interface ProjectDefaults {
  repo?: string;
  base_ref?: string;
  verify?: string[];
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
  const project = projectDefaults(request.project, defaults);
  const ownRepo = request.repo !== undefined && request.repo !== project.repo;
  return {
    ...request,
    repo: request.repo ?? project.repo,
    // A branch of the project's repository says nothing about another one.
    base_ref: request.base_ref ?? (ownRepo ? undefined : project.base_ref),
    verify: request.verify ?? project.verify,
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

/** Whether it runs command lines that its caller wrote; those of the project's configuration are not the caller's. */
export function runsCallersCommands(
  task: Pick<NewTask, 'executor' | 'verify' | 'project'>,
  defaults: Pick<TaskDefaults, 'projects'>,
): boolean {
  const configured = projectDefaults(task.project, defaults).verify ?? [];
  const verify = task.verify ?? [];
  const foreign = verify.length > 0 && JSON.stringify(verify) !== JSON.stringify(configured);
  return task.executor === 'shell' || foreign;
}

function projectDefaults(project: string, { projects }: Pick<TaskDefaults, 'projects'>): ProjectDefaults {
  return Object.hasOwn(projects, project) ? (projects[project] ?? {}) : {};
}
