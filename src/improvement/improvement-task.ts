import type { TaskRequest } from '../domain/task.ts';

/** How an improvement is run: from configuration, never from an alert. */
export interface ImprovementTaskSettings {
  /**
   * A type of their own. Alerts about tasks of this type propose nothing, whoever made the tasks: an alert does not
   * say, and an improvement must never give rise to one about itself.
   */
  task_type: string;
  executor?: string;
  model?: string;
  command?: string;
  repo?: string;
  base_ref?: string;
  priority: number;
  critical?: boolean;
  max_attempts: number;
}

/** What every improvement's task has; its direction and project are its own. */
export function taskSettings(settings: ImprovementTaskSettings): Partial<TaskRequest> {
  const { command, ...rest } = settings;
  return { ...rest, context: command === undefined ? {} : { command } };
}
