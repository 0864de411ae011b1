import { existingTask, type TaskRules } from '../api/task-changes.ts';
import type { Attempt } from '../domain/attempt.ts';
import { isSettled, type Task } from '../domain/task.ts';
import { readTaskLogTail, type TaskLogSource } from '../reports/task-log.ts';
import { attemptsTable, spentText } from './attempts.ts';
import { stateBadge } from './badge.ts';
import { failureNotice } from './failure-notice.ts';
import { durationText, timeOf } from './figures.ts';
import { type Html, html } from './html.ts';
import { improvementPath } from './improvement-link.ts';
import type { Failure, Page } from './page-route.ts';
import { plainLog } from './plain-log.ts';
import { facts } from './table.ts';
import { taskActions } from './task-forms.ts';
import { firstLine, taskPath } from './task-link.ts';
import { typedText } from './typed-text.ts';
import type { Visit } from './visit.ts';
import { webAddress } from './web-address.ts';

export interface TaskPageOptions extends TaskRules, TaskLogSource {
  tasks: TaskRules['tasks'];
}

/** How much of the end of a log is shown, in bytes. */
const shownLog = 16 * 1024;

/** One task: what it is, what came of it, and what a person can do about it. */
export async function taskPage(
  visit: Visit,
  options: TaskPageOptions,
  { id, failure }: { id: string; failure?: Failure },
): Promise<Page> {
  const task = await existingTask(options, id);
  const [attempts, log] = await Promise.all([
    options.tasks.listAttempts(id),
    readTaskLogTail(options, id, shownLog),
  ]);
  const title = firstLine(task.direction);
  return {
    title: `${title} · Task ${id}`,
    body: html`<p class="crumbs"><a href="${visit.to('/tasks')}">Tasks</a> / <code>${id}</code></p>
<h1>${title}</h1>
<p class="state">${stateBadge(task.status)}${task.cancel_requested && ', to be cancelled'}${task.verdict && html` · verdict: <strong>${task.verdict}</strong>`}</p>
${failure && failureNotice(failure)}${failure && task.status !== 'needs_decision' && typedText(failure.typed)}
${outcome(task)}
${taskActions(visit, task, failure)}
<section aria-labelledby="about"><h2 id="about">About</h2>${about(visit, task, attempts)}</section>
${direction(task, title)}
<section aria-labelledby="attempts"><h2 id="attempts">Attempts</h2>
${attempts.length === 0 ? html`<p class="empty">No attempt has begun.</p>` : attemptsTable(visit, attempts)}</section>
${logSection(visit, task, log)}`,
  };
}

function outcome({ status, error_class, error_message }: Task): Html {
  if (error_class === undefined || status === 'completed') return html``;
  return html`<div class="notice ${status === 'failed' ? 'bad' : 'warn'}"><p><strong>${error_class}</strong></p>
${error_message && html`<pre>${plainLog(error_message)}</pre>`}</div>`;
}

function about(visit: Visit, task: Task, attempts: readonly Attempt[]): Html {
  const { project, task_type, executor, model, priority, repo, base_ref, branch, tags, queued_at, runner } =
    task;
  const time = (at: string | undefined) => at && timeOf(at, visit.now);
  return facts({
    Project: listLink(visit, 'project', project),
    Type: listLink(visit, 'task_type', task_type),
    Executor: executor,
    Model: model,
    Origin: origin(visit, task),
    Queued: timeOf(queued_at, visit.now),
    'Not before': time(task.not_before),
    Started: time(task.started_at),
    Ended: time(task.finished_at),
    Runner: runner,
    Cost: spentText(attempts),
    Branch: branch && html`<code>${branch}</code>`,
    'Pull request': pullRequest(task),
    Repository: repo && html`<code>${repo}</code>${base_ref && html` at <code>${base_ref}</code>`}`,
    'Waits for': dependencies(visit, task),
    Tags: tags?.join(', '),
    Priority: task.critical ? `${priority}, critical` : priority,
    'Time limit': durationText(task.timeout_seconds),
    Attempts: `${task.attempts_spent} of ${task.max_attempts} spent`,
  });
}

function listLink({ to }: Visit, name: string, value: string): Html {
  return html`<a href="${to('/tasks')}?${new URLSearchParams({ [name]: value }).toString()}">${value}</a>`;
}

function origin(visit: Visit, { origin }: Task): Html {
  const [, improvement] = /^improvement:(.+)$/.exec(origin) ?? [];
  if (improvement === undefined) return html`${origin}`;
  return html`<a href="${improvementPath(visit, improvement)}">improvement ${improvement}</a>`;
}

function pullRequest({ pull_request }: Task): Html | undefined {
  const address = webAddress(pull_request);
  if (address === undefined) return pull_request === undefined ? undefined : html`${pull_request}`;
  return html`<a href="${address}" rel="noreferrer">${pull_request}</a>`;
}

function dependencies(visit: Visit, { depends_on = [] }: Task): Html | undefined {
  if (depends_on.length === 0) return undefined;
  return html`${depends_on.map((id) => html`<a href="${taskPath(visit, id)}"><code>${id}</code></a> `)}`;
}

/** What it is told, where the title is not all of it. */
function direction(task: Task, title: string): Html {
  if (task.direction.trim() === title) return html``;
  return html`<section aria-labelledby="told"><h2 id="told">What it is told</h2>
<pre class="words" tabindex="0" role="region" aria-label="What it is told">
${task.direction}</pre></section>`;
}

function logSection(
  visit: Visit,
  { id, status }: Task,
  log: Awaited<ReturnType<typeof readTaskLogTail>>,
): Html {
  const whole = html`<a href="${taskPath(visit, id)}/log">The whole log</a>`;
  const sent = isSettled(status)
    ? 'No log: its runner has sent none.'
    : 'No log yet: its runner has sent none.';
  const none = status === 'pending' ? 'No log yet: it has not begun.' : sent;
  return html`<section aria-labelledby="log"><h2 id="log">Log</h2>
${
  log === undefined
    ? html`<p class="empty">${none}</p>`
    : html`<p class="hint">${log.left_out > 0 ? html`The end of it; ${log.left_out} bytes are before it. ` : ''}${whole}</p>
<pre class="log" tabindex="0" role="region" aria-label="Log of the task">
${plainLog(log.text)}</pre>`
}</section>`;
}
