import { type AlertEvidence, improvement } from '../../domain/improvement.ts';
import { json } from './database.ts';
import type { Row } from './row.ts';

/** How many episodes are quoted as evidence; the newest stay. */
const mostEvidence = 20;

/** Takes an episode into the evidence; the same one again only brings its figures up to date. */
export function mergeEvidence(known: AlertEvidence[], added: AlertEvidence): AlertEvidence[] {
  const others = known.filter(
    ({ fingerprint, starts_at }) => fingerprint !== added.fingerprint || starts_at !== added.starts_at,
  );
  return [...others, added].slice(-mostEvidence);
}

/** How many webhook calls brought it. */
export function callsOf(evidence: AlertEvidence[]): number {
  return evidence.reduce((sum, { deliveries }) => sum + deliveries, 0);
}

export function evidenceOf(row: Row): AlertEvidence[] {
  return improvement.shape.evidence.parse(json(row.evidence));
}

export function subjectOf(row: Row): Record<string, string> {
  return improvement.shape.subject.parse(json(row.subject));
}
