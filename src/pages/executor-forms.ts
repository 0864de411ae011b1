import type { ExecutorHold } from '../domain/executor-hold.ts';
import { type Html, html } from './html.ts';
import type { Visit } from './visit.ts';

/** Lets an executor go on: for the runner that it is closed for, or for all. */
export function openForm(
  visit: Visit,
  { executor, runner }: Pick<ExecutorHold, 'executor' | 'runner'>,
): Html {
  const path = visit.to(`/executors/${encodeURIComponent(executor)}/open`);
  return html`<form class="buttons" method="post" action="${path}">
<input type="hidden" name="form_token" value="${visit.formToken()}">
${runner !== undefined && html`<input type="hidden" name="runner" value="${runner}">`}
<button>Let ${executor} go on${runner !== undefined && ` on ${runner}`}</button></form>`;
}
