import type { Task } from '../domain/task.ts';
import { type Html, html } from './html.ts';
import type { Visit } from './visit.ts';

const longestTitle = 120;

export function taskPath({ to }: Visit, id: string): string {
  return to(`/tasks/${encodeURIComponent(id)}`);
}

/** A task by the first line of what it is told. */
export function taskLink(visit: Visit, { id, direction }: Pick<Task, 'id' | 'direction'>): Html {
  return html`<a href="${taskPath(visit, id)}">${firstLine(direction)}</a> <code class="id">${id}</code>`;
}

/** The labels of alerts that the list of tasks filters by too. */
const sharedLabels = ['project', 'task_type', 'executor', 'model'];

/** The failed tasks with these labels of an alert; undefined if none of them says which. */
export function failedTasksPath({ to }: Visit, labels: Record<string, string>): string | undefined {
  const filters = Object.entries(labels).filter(([name]) => sharedLabels.includes(name));
  if (filters.length === 0) return undefined;
  return `${to('/tasks')}?${new URLSearchParams([['status', 'failed'], ...filters]).toString()}`;
}

export function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > longestTitle ? `${line.slice(0, longestTitle)}…` : line;
}
