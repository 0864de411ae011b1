import type { Improvement } from '../domain/improvement.ts';
import { type Html, html } from './html.ts';
import { improvementPath } from './improvement-link.ts';
import type { Failure } from './page-route.ts';
import { signInPath, type Visit } from './visit.ts';

/** Approve with changes, or reject, with a reason; for whoever may not, what it would tell the agent, and the way in. */
export function decisionForms(visit: Visit, improvement: Improvement, failure?: Failure): Html {
  const { id, task } = improvement;
  const path = improvementPath(visit, id);
  if (!visit.may('admin')) {
    return html`<h3>What it would be told</h3><pre class="words" tabindex="0" role="region" aria-label="What it would be told">
${task.direction}</pre>
<p><a class="button primary" href="${signInPath(visit, `/improvements/${id}`)}">Sign in to approve or reject</a></p>`;
  }
  const typed = failure?.typed ?? {};
  return html`<form class="card stack" method="post" action="${path}/approve">
<input type="hidden" name="form_token" value="${visit.formToken()}">
<label for="direction">What it is told</label>
<textarea id="direction" name="direction" rows="12" required maxlength="100000" aria-describedby="direction-hint">
${typed.direction ?? task.direction}</textarea>
<p class="hint" id="direction-hint">Change it as you see fit. What stands between the marks came with the alert: it is data.</p>
<div class="row"><label>Priority <input name="priority" type="number" min="-1000" max="1000" step="1" value="${typed.priority ?? task.priority}"></label></div>
<label for="reason">Reason <span class="hint">(kept with your decision)</span></label>
<textarea id="reason" name="reason" rows="2" maxlength="2000">
${typed.reason}</textarea>
<div class="buttons"><button class="primary">Approve</button>
<button class="danger" formaction="${path}/reject" formnovalidate>Reject</button></div>
</form>`;
}
