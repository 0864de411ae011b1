import { existingImprovement, type ImprovementRules, taskOfApproval } from '../api/improvement-decisions.ts';
import type { AlertEvidence, Improvement } from '../domain/improvement.ts';
import type { NewTask } from '../domain/task.ts';
import { stateBadge } from './badge.ts';
import { failureNotice } from './failure-notice.ts';
import { countText, durationText, plural, timeOf } from './figures.ts';
import { heldBackSection } from './held-back.ts';
import { type Html, html } from './html.ts';
import { decisionForms } from './improvement-forms.ts';
import type { Failure, Page } from './page-route.ts';
import { facts, table } from './table.ts';
import { failedTasksPath } from './task-link.ts';
import { typedText } from './typed-text.ts';
import type { Visit } from './visit.ts';

/** One improvement: why it is proposed, what it would do, and a person's word on it. */
export async function improvementPage(
  visit: Visit,
  rules: ImprovementRules,
  { id, failure }: { id: string; failure?: Failure },
): Promise<Page> {
  const improvement = await existingImprovement(rules, id);
  const { title, state } = improvement;
  const open = state === 'proposed';
  return {
    title: `${title} · Improvement`,
    body: html`<p class="crumbs"><a href="${visit.to('/improvements')}">Improvements</a> / <code>${id}</code></p>
<h1>${title}</h1>
<p class="state">${stateBadge(state)}${open && ' It waits for a person.'}</p>
${failure && failureNotice(failure)}${failure && !open && typedText(failure.typed)}
${whatCame(visit, improvement)}
<section aria-labelledby="why"><h2 id="why">Why</h2>${why(visit, improvement)}</section>
${heldBackSection(improvement)}
<section aria-labelledby="task"><h2 id="task">${open ? 'The task that approval makes' : 'The task'}</h2>
${taskFacts(rules, improvement)}
${open ? decisionForms(visit, improvement, failure) : told(improvement)}</section>
${evidenceSection(visit, improvement)}`,
  };
}

function whatCame(
  visit: Visit,
  { decided_at, decided_by, reason, task_id, state, finished_at }: Improvement,
): Html {
  if (decided_at === undefined) return html``;
  return facts({
    [state === 'rejected' ? 'Rejected' : 'Approved']: html`${timeOf(decided_at, visit.now)} by ${decided_by}`,
    Reason: reason,
    Task: task_id && html`<a href="${visit.to(`/tasks/${task_id}`)}"><code>${task_id}</code></a>`,
    Ended: finished_at && timeOf(finished_at, visit.now),
  });
}

function why(visit: Visit, { alert, subject, kind, calls, proposed_at, evidence }: Improvement): Html {
  const lastHeard = evidence
    .map(({ last_received_at }) => last_received_at)
    .sort()
    .at(-1);
  const failed = failedTasksPath(visit, subject);
  return facts({
    Alert:
      alert &&
      html`<strong>${alert}</strong> (<a href="${visit.to(`/runbooks/${encodeURIComponent(alert)}`)}">runbook</a>)`,
    About: Object.entries(subject).map(([name, value]) => html`<span class="label">${name}=${value}</span> `),
    Tasks: failed && html`<a href="${failed}">those that failed</a>`,
    Kind: kind,
    Evidence: `${plural(evidence.length, 'alert')}, ${plural(calls, 'call')}`,
    Proposed: timeOf(proposed_at, visit.now),
    'Last heard of': lastHeard && timeOf(lastHeard, visit.now),
  });
}

/** What the settings decide, exactly as approval will have it; without them where they would not let it be made. */
function taskFacts({ defaults }: ImprovementRules, improvement: Improvement): Html {
  const task = whole(improvement, defaults);
  const { executor, model, repo, base_ref, verify, timeout_seconds, max_attempts, context, critical } = task;
  return facts({
    Project: task.project,
    Type: task.task_type,
    Executor: executor,
    Model: model,
    Command: context.command && html`<code>${context.command}</code>`,
    Repository: repo && html`<code>${repo}</code>${base_ref && html` at <code>${base_ref}</code>`}`,
    'Must pass': verify && html`${verify.map((line) => html`<code>${line}</code> `)}`,
    Priority: `${task.priority}${critical ? ', critical' : ''}`,
    'Time limit': timeout_seconds && durationText(timeout_seconds),
    'Attempts at most': max_attempts,
  });
}

function whole(
  improvement: Improvement,
  defaults: ImprovementRules['defaults'],
): Partial<NewTask> & Improvement['task'] {
  try {
    return taskOfApproval(improvement, defaults);
  } catch {
    return improvement.task;
  }
}

function told({ task }: Improvement): Html {
  return html`<h3>What it was told</h3><pre class="words" tabindex="0" role="region" aria-label="What it was told">
${task.direction}</pre>`;
}

const shownEvidence = 20;

function evidenceSection(visit: Visit, { evidence }: Improvement): Html {
  if (evidence.length === 0) return html``;
  const shown = evidence.toReversed().slice(0, shownEvidence);
  const left = evidence.length - shown.length;
  return html`<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>
${table({
  caption: 'Alerts that speak for it, the last one first',
  columns: [
    { title: 'Began' },
    { title: 'Last heard', as: 'wide' },
    { title: 'Calls', as: 'figure' },
    { title: 'What it said', as: 'wide' },
  ],
  rows: shown.map((one) => [
    timeOf(one.starts_at, visit.now),
    timeOf(one.last_received_at, visit.now),
    countText(one.deliveries),
    said(one),
  ]),
})}
${left > 0 && html`<p class="hint">And ${countText(left)} before them.</p>`}</section>`;
}

function said({ labels, annotations }: AlertEvidence): Html {
  const { summary, description } = annotations;
  return html`${summary && html`<p>${summary}</p>`}${description && html`<p class="hint">${description}</p>`}
<p>${Object.entries(labels).map(([name, value]) => html`<span class="label">${name}=${value}</span> `)}</p>`;
}
