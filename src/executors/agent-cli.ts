import type { TaskMetric } from '../domain/outcome.ts';
import type { Task } from '../domain/task.ts';

/** What the configuration says of an agent CLI: `executors.<name>`. */
export interface AgentCliSettings {
  /** The program's name or path. */
  command: string;
  /** Further arguments, after ours. */
  args: string[];
  billing: TaskMetric['billing'];
}

/** What a task asks of an agent: its direction, and the answer to what was asked in an attempt before. */
export function promptOf(task: Task): string {
  if (!task.decision) return task.direction;
  const asked = task.decision_prompt ? `You asked: ${task.decision_prompt}\n` : '';
  return `${task.direction}\n\n${asked}The decision: ${task.decision}`;
}

/** `--model=…`, unless the task leaves the model to the CLI. With `=`, so that no name is taken for an option. */
export function modelOption(task: Task): string[] {
  return task.model === 'default' ? [] : [`--model=${task.model}`];
}
