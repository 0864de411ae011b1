import type { Improvement } from '../domain/improvement.ts';
import type { Page as StorePage } from '../domain/page.ts';
import { heartbeatAlert } from '../monitoring/alertmanager-config.ts';
import { failureFlags, holdFlag, inTheLast, untakenFlags } from '../reports/attention-flags.ts';
import { budgetFlags } from '../reports/budget-status.ts';
import type { AttentionLimits, PipelineStatus } from '../reports/pipeline-status.ts';
import { severityBadge } from './badge.ts';
import { openForm } from './executor-forms.ts';
import { ageOf, durationText, plural } from './figures.ts';
import { type Html, html } from './html.ts';
import { improvementPath } from './improvement-link.ts';

import { taskPath } from './task-link.ts';
import type { Visit } from './visit.ts';
import { webAddress } from './web-address.ts';

/** One thing that a person is to look at. */
export interface Need {
  tone: 'bad' | 'warn';
  kind: string;
  text: Html;
  more?: Html;
}

/** What needs a person, the most urgent first. */
export function needsOf(
  visit: Visit,
  status: PipelineStatus,
  proposed: StorePage<Improvement>,
  limits: AttentionLimits,
): Need[] {
  return [
    ...alertNeeds(visit, status),
    ...status.needs_decision.map((task) => ({
      tone: 'warn' as const,
      kind: 'Decision',
      text: html`<a href="${taskPath(visit, task.id)}">${task.direction}</a> waits for your answer`,
    })),
    ...proposalNeeds(visit, { ...proposed, items: withoutAlert(proposed.items, status) }),
    ...budgetFlags(status.budgets, visit.now).map((flag) => need('bad', 'Budget', flag)),
    ...workNeeds(visit, status, limits),
  ];
}

/** How many alerts fire, without the one that always does. */
export function countFiring({ alerts, alerts_firing }: PipelineStatus): number {
  return alerts_firing - alerts.filter((alert) => !tells(alert)).length;
}

function tells({ name }: { name: string }): boolean {
  return name !== heartbeatAlert;
}

function urgencyOf({ severity }: { severity?: string }): number {
  return severity === 'critical' ? 1 : 0;
}

function alertNeeds(visit: Visit, { alerts, alerts_firing }: PipelineStatus): Need[] {
  // The store has ours first, of whatever severity.
  const telling = alerts.filter(tells).toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
  const left = alerts_firing - alerts.length;
  const needs = telling.map((alert) => alertNeed(visit, alert));
  return left > 0 ? [...needs, need('bad', 'Alerts', `${left} more alerts fire.`)] : needs;
}

function alertNeed(visit: Visit, alert: PipelineStatus['alerts'][number]): Need {
  const { name, severity, summary, since, labels, improvement_id, state, stale } = alert;
  const about = Object.entries(labels).filter(([label]) => !plumbing.includes(label));
  const runbook = runbookPath(visit, alert);
  return {
    tone: severity === 'critical' ? 'bad' : 'warn',
    kind: 'Alert',
    text: html`${severityBadge(severity)} <strong>${name}</strong>: ${summary ?? name}`,
    more: html`${about.map(([label, value]) => html`<span class="label">${label}=${value}</span> `)}since
${ageOf(since, visit.now)}${stale && ', not repeated since: it may have ended unheard'}${
  runbook && html` · <a href="${runbook}">What to do</a>`
}${improvement_id && html` · <a href="${improvementPath(visit, improvement_id)}">${state === 'proposed' ? 'Approve or reject what is proposed' : `Improvement (${state})`}</a>`}`,
  };
}

/** One cause is one thing: the proposal of an alert that fires is told with it. */
function withoutAlert(proposed: readonly Improvement[], { alerts }: PipelineStatus): Improvement[] {
  const told = new Set(alerts.map(({ improvement_id }) => improvement_id));
  return proposed.filter(({ id }) => !told.has(id));
}

/** Labels that say how an alert comes about, not what it is about. */
const plumbing = ['alertname', 'component', 'category', 'severity', 'monitor', 'job', 'instance'];

function runbookPath(
  visit: Visit,
  { name, runbook_url }: PipelineStatus['alerts'][number],
): string | undefined {
  if (runbook_url === undefined) return undefined;
  if (/^\w+$/.test(name) && runbook_url.endsWith(`/runbooks/${name}`)) return visit.to(`/runbooks/${name}`);
  return webAddress(runbook_url);
}

function proposalNeeds(visit: Visit, { items, next_cursor }: StorePage<Improvement>): Need[] {
  const needs = items.map(({ id, title, proposed_at, calls }) => ({
    tone: 'warn' as const,
    kind: 'Proposal',
    text: html`<a href="${improvementPath(visit, id)}">${title}</a>`,
    more: html`proposed ${ageOf(proposed_at, visit.now)}, after ${plural(calls, 'call')} of an alert`,
  }));
  if (next_cursor === null) return needs;
  const more = html`<a href="${visit.to('/improvements')}?state=proposed">More proposals</a>`;
  return [...needs, { tone: 'warn' as const, kind: 'Proposal', text: more }];
}

function workNeeds(visit: Visit, status: PipelineStatus, limits: AttentionLimits): Need[] {
  const { executors, untaken, stuck, blocked } = status.attention;
  const task = (one: (typeof stuck)[number], what: string) => ({
    tone: 'warn' as const,
    kind: 'Task',
    text: html`<a href="${taskPath(visit, one.id)}">${one.direction}</a> ${what}`,
  });
  return [
    ...executors.map((hold) => holdNeed(visit, hold)),
    ...untakenFlags(untaken, inTheLast(limits.liveWithinSeconds)).map((flag) => need('bad', 'Runners', flag)),
    ...stuck.map((one) =>
      task(one, `has run for ${durationText(one.seconds ?? 0)}, longer than its time limit`),
    ),
    ...blocked.map((one) => task(one, 'waits for a task that failed, was cancelled or does not exist')),
    ...failureFlags(notAlerted(status), inTheLast(limits.windowSeconds)).map((flag) =>
      need('warn', 'Failures', flag),
    ),
  ];
}

/** The failures of which no alert tells. */
function notAlerted({ alerts, attention }: PipelineStatus): Parameters<typeof failureFlags>[0] {
  const told = new Set(alerts.map(({ labels }) => `${labels.project}\n${labels.task_type}`));
  const untold = ({ project, task_type }: { project: string; task_type: string }) =>
    !told.has(`${project}\n${task_type}`);
  return {
    repeated_failures: attention.repeated_failures.filter(untold),
    low_success_rate: attention.low_success_rate.filter(untold),
  };
}

function holdNeed(visit: Visit, hold: PipelineStatus['attention']['executors'][number]): Need {
  const may = visit.may('admin');
  const text = holdFlag(hold, may ? 'the button below' : 'an admin’s word');
  return { ...need('bad', 'Executor', text), more: may ? openForm(visit, hold) : undefined };
}

/** What stands between backticks in the text is a command. */
function need(tone: Need['tone'], kind: string, text: string): Need {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
  return { tone, kind, text: html`${parts}` };
}
