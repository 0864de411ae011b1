import { AppError } from '../../domain/errors.ts';
import { digestKind, type Improvement, improvement as improvementSchema } from '../../domain/improvement.ts';
import type { ImprovementState } from '../../domain/improvement-state.ts';
import { callsOf, evidenceOf, subjectOf } from './alert-evidence.ts';
import { json, type Step } from './database.ts';
import { heldBackSummary } from './held-back.ts';
import { maybeText, maybeTime, number, type Row, text } from './row.ts';

export function stateOf(row: Row): ImprovementState {
  return improvementSchema.shape.state.parse(row.state);
}

/** @throws AppError `not_found` */
export function existingImprovement(step: Step, id: string): Row {
  const row = step.get(`SELECT * FROM improvements WHERE id = $id`, { id });
  if (!row) throw new AppError('not_found', `there is no improvement ${id}`);
  return row;
}

export function improvementOf(step: Step, row: Row): Improvement {
  const evidence = evidenceOf(row);
  const heldBack = row.kind === digestKind ? heldBackSummary(step, text(row.id)) : undefined;
  return {
    id: text(row.id),
    identity: text(row.identity),
    kind: text(row.kind),
    state: stateOf(row),
    title: text(row.title),
    alert: text(row.alert),
    subject: subjectOf(row),
    evidence,
    calls: heldBack?.calls ?? callsOf(evidence),
    task: json(row.task) as Improvement['task'],
    task_id: maybeText(row.task_id),
    proposed_at: new Date(number(row.proposed_at)).toISOString(),
    updated_at: new Date(number(row.updated_at)).toISOString(),
    decided_at: maybeTime(row.decided_at),
    decided_by: maybeText(row.decided_by),
    reason: maybeText(row.reason),
    finished_at: maybeTime(row.finished_at),
    held_back: heldBack?.summary,
  };
}

/** The latest improvement that came of an alert; the digest that lists it, while it is held back. */
export function improvementOfAlert(
  step: Step,
  fingerprint: string,
): { id: string; state: ImprovementState } | undefined {
  const row = step.get(
    `SELECT improvements.id, improvements.state FROM improvement_episodes episode
     LEFT JOIN improvements_held held ON held.identity = episode.identity
     JOIN improvements ON improvements.id = held.digest_id
       OR held.digest_id IS NULL AND improvements.identity = episode.identity
     WHERE episode.fingerprint = $fingerprint
     ORDER BY improvements.proposed_at DESC, improvements.rowid DESC LIMIT 1`,
    { fingerprint },
  );
  return row && { id: text(row.id), state: stateOf(row) };
}
