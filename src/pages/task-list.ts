import { z } from 'zod';
import type { Route } from '../api/route.ts';
import { labelled, taskFilters } from '../api/tasks.ts';
import type { Page as StorePage } from '../domain/page.ts';
import { type Task, taskStatuses } from '../domain/task.ts';
import type { TaskStore } from '../domain/task-store.ts';
import { stateBadge } from './badge.ts';
import { ageOf } from './figures.ts';
import { type Filter, filterForm, pager } from './filters.ts';
import { type Html, html } from './html.ts';
import { type Page, page } from './page-route.ts';
import { table } from './table.ts';
import { taskLink } from './task-link.ts';
import type { Site, Visit } from './visit.ts';

const perPage = 50;

const query = z.object({ ...taskFilters, cursor: z.string().max(500).optional() });
type TaskFilters = Omit<z.output<typeof query>, 'cursor'>;

/** The list of tasks, newest first. */
export function taskListRoute(
  site: Site,
  { tasks, types }: { tasks: TaskStore; types: readonly string[] },
): Route {
  return page(site, {
    path: '/tasks',
    summary: 'The list of tasks, newest first, with the filters of the dashboards',
    scope: 'read',
    query,
    async show(visit, { query: { cursor, ...wanted } }) {
      const found = await tasks.list({ ...labelled(wanted), limit: perPage, cursor });
      return taskListPage(visit, { found, cursor, wanted, types });
    },
  });
}

function taskListPage(
  visit: Visit,
  {
    found,
    cursor,
    wanted,
    types,
  }: { found: StorePage<Task>; cursor: string | undefined; wanted: TaskFilters; types: readonly string[] },
): Page {
  const action = visit.to('/tasks');
  return {
    title: 'Tasks',
    body: html`<h1>Tasks</h1>
${filterForm(filterFields(types), wanted, action)}
${found.items.length === 0 ? nothing(visit, wanted, cursor) : taskTable(visit, found.items)}
${pager({ next_cursor: found.next_cursor, cursor }, wanted, action)}`,
  };
}

function filterFields(types: readonly string[]): Filter[] {
  return [
    { name: 'status', label: 'Status', choices: taskStatuses },
    { name: 'task_type', label: 'Type', choices: types },
    { name: 'project', label: 'Project' },
    { name: 'executor', label: 'Executor' },
    { name: 'model', label: 'Model', rare: true },
    { name: 'variant', label: 'Variant', rare: true },
    { name: 'error_class', label: 'Error class', rare: true },
    { name: 'origin', label: 'Origin', rare: true },
  ];
}

function nothing({ to }: Visit, wanted: TaskFilters, cursor: string | undefined): Html {
  const filtered = cursor !== undefined || Object.values(wanted).some((value) => value !== undefined);
  if (filtered)
    return html`<p class="empty">No task is like that. <a href="${to('/tasks')}">Show all</a></p>`;
  return html`<div class="empty"><p>No tasks yet. Queue one:</p>
<pre><code>npx andon task "Say hello"</code></pre></div>`;
}

function taskTable(visit: Visit, tasks: readonly Task[]): Html {
  return table({
    caption: 'Newest first',
    columns: [
      { title: 'Task' },
      { title: 'Status', as: 'wide' },
      { title: 'Project', as: 'short' },
      { title: 'Type', as: 'short' },
      { title: 'Executor', as: 'short' },
      { title: 'Model', as: 'short' },
      { title: 'Attempts', as: 'figure' },
      { title: 'Queued', as: 'short' },
    ],
    rows: tasks.map((task) => [
      taskLink(visit, task),
      html`${stateBadge(task.status)} ${task.error_class} ${task.verdict && html`<span class="hint">${task.verdict}</span>`}`,
      task.project,
      task.task_type,
      task.executor,
      task.model,
      task.attempt,
      ageOf(task.queued_at, visit.now),
    ]),
  });
}
