import { isSettled, type Task } from '../domain/task.ts';
import { verdicts } from '../domain/verdict.ts';
import { type Html, html } from './html.ts';
import type { Failure } from './page-route.ts';
import { taskPath } from './task-link.ts';
import { signInPath, type Visit } from './visit.ts';

/** The forms that this task's status allows. */
export function taskActions(visit: Visit, task: Task, failure?: Failure): Html {
  if (!visit.may('report')) {
    const signIn = html`<a href="${signInPath(visit, `/tasks/${task.id}`)}">Sign in</a>`;
    return html`<p class="hint">${signIn} to answer, cancel or judge it.</p>`;
  }
  return html`${task.status === 'needs_decision' && decisionForm(visit, task, failure)}
${task.status === 'completed' && verdictForm(visit, task)}
${isSettled(task.status) ? againForm(visit, task) : cancelForm(visit, task)}`;
}

function open(visit: Visit, { id }: Task, action: string, className: string): Html {
  return html`<form class="${className}" method="post" action="${taskPath(visit, id)}/${action}">
<input type="hidden" name="form_token" value="${visit.formToken()}">`;
}

function decisionForm(visit: Visit, task: Task, failure: Failure | undefined): Html {
  return html`<section class="card" aria-labelledby="question"><h2 id="question">It asks you</h2>
<pre class="words">
${task.decision_prompt}</pre>
${task.pull_request && html`<p class="hint">Its pull request is below.</p>`}
${open(visit, task, 'decision', 'stack')}
<label for="decision">Your answer</label>
<textarea id="decision" name="decision" rows="4" required>
${failure?.typed.decision}</textarea>
<button class="primary">Answer, and put it back in the queue</button>
</form></section>`;
}

function verdictForm(visit: Visit, task: Task): Html {
  return html`<section class="card" aria-labelledby="verdict"><h2 id="verdict">What became of its work?</h2>
${open(visit, task, 'verdict', 'buttons')}
${verdicts.map(
  (
    verdict,
  ) => html`<button name="verdict" value="${verdict}">${verdict === task.verdict ? html`<span aria-hidden="true">✓ </span>` : ''}${names[verdict]}${verdict === task.verdict && html`<span class="hidden"> (now)</span>`}</button>
`,
)}</form></section>`;
}

const names = { accepted: 'Accepted', rejected: 'Rejected', reverted: 'Reverted' } as const;

function cancelForm(visit: Visit, task: Task): Html {
  if (task.cancel_requested) return html``;
  return html`<details class="more"><summary>Cancel it …</summary>
${open(visit, task, 'cancel', 'buttons')}<button class="danger">Cancel this task</button>
<span class="hint">${task.status === 'running' ? 'Its runner ends it; what it has spent is recorded.' : 'It leaves the queue.'}</span></form></details>`;
}

function againForm(visit: Visit, task: Task): Html {
  return html`<details class="more"><summary>Run it again …</summary>
${open(visit, task, 'again', 'buttons')}<button>Put it in the queue again</button>
<span class="hint">What was recorded of it stays as it is.</span></form></details>`;
}
