import type { StoredAlert } from '../domain/alert.ts';
import { improvementIdentity, type Proposal } from '../domain/improvement.ts';
import { type TaskRequest, taskRequest } from '../domain/task.ts';
import type { AlertDeclaration } from '../monitoring/alert-declaration.ts';
import { type ImprovementTaskSettings, taskSettings } from './improvement-task.ts';
import { invisible } from './invisible.ts';
import { quotedData } from './quoted-data.ts';

/** As `labelValue` has it. */
const longestLabel = 128;

/**
 * What an alert proposes; undefined if it asks for nothing: it only tells a person, it has resolved, or it is
 * about tasks of the type that improvements make, which never give rise to another.
 */
export function proposalFromAlert(
  alert: StoredAlert,
  declaration: AlertDeclaration,
  settings: ImprovementTaskSettings,
): Proposal | undefined {
  const { improvement } = declaration;
  if (!improvement || alert.status !== 'firing') return undefined;
  const subject = Object.fromEntries(
    declaration.subject.map((label) => [label, plainLabel(alert.labels[label]) ?? 'unknown']),
  );
  if (subject.task_type === settings.task_type) return undefined;
  return {
    identity: improvementIdentity(alert.name, subject),
    kind: improvement.kind,
    title: improvement.title(subject),
    alert: alert.name,
    subject,
    evidence: {
      fingerprint: alert.fingerprint,
      starts_at: alert.starts_at,
      last_received_at: alert.received_at,
      deliveries: alert.deliveries,
      labels: alert.labels,
      annotations: alert.annotations,
    },
    task: taskOf(alert, `${improvement.direction(subject)}\n\n${quoteAlert(alert)}`, settings),
  };
}

/**
 * A label as it may stand in a title, which terminals print as it is: one line without control, direction or other
 * invisible characters, no longer than a label of ours. Undefined if nothing is left.
 */
function plainLabel(value = ''): string | undefined {
  const plain = value.replaceAll(invisible, '').trim();
  // The cut may have gone through a character.
  return plain.slice(0, longestLabel).replaceAll(/\p{Cs}/gu, '') || undefined;
}

function taskOf(alert: StoredAlert, direction: string, settings: ImprovementTaskSettings): TaskRequest {
  const project = plainLabel(alert.labels.project) ?? 'default';
  return taskRequest.parse({ ...taskSettings(settings), direction, project });
}

/** The alert as data. */
export function quoteAlert({ name, labels, annotations, starts_at }: StoredAlert): string {
  return quotedData({ alert: name, starts_at, labels, annotations });
}
