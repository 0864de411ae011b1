import type { HeldBack, Improvement, Proposal, ProposalRules } from '../../domain/improvement.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import { callsOf, evidenceOf, mergeEvidence, subjectOf } from './alert-evidence.ts';
import type { Step } from './database.ts';
import { maybeNumber, maybeText, number, type Row, text } from './row.ts';

/** How much of a digest's list stands in the digest itself. */
const shown = 50;

/** Whether a digest that listed this was decided or done not long ago: it is not told again. */
function isCovered(step: Step, held: Row, { cooldown_seconds }: ProposalRules): boolean {
  const digest = step.get(`SELECT decided_at, finished_at FROM improvements WHERE id = $id`, {
    id: held.digest_id ?? null,
  });
  const decided = maybeNumber(digest?.decided_at);
  // What came after the decision was not known to it.
  if (decided === undefined || number(held.held_at) > decided) return false;
  const ended = maybeNumber(digest?.finished_at) ?? decided;
  return ended + cooldown_seconds * 1000 > step.now;
}

/**
 * Keeps a proposal that there is no room for, under the digest that is open; under the one that it was in, if that is
 * cooling down: then it answers undefined.
 */
export function holdBack(
  step: Step,
  { identity, title, alert, subject, evidence }: Proposal,
  rules: ProposalRules,
  openDigest: () => string,
): string | undefined {
  const known = step.get(
    `SELECT held.*, improvements.state IN ('proposed', 'approved', 'scheduled') AS open FROM improvements_held held
     JOIN improvements ON improvements.id = held.digest_id
     WHERE held.identity = $identity`,
    { identity },
  );
  const covered = known && !known.open && isCovered(step, known, rules);
  const digest = known && (known.open || covered) ? text(known.digest_id) : openDigest();
  const all = mergeEvidence(known ? evidenceOf(known) : [], evidence);
  step.run(
    `INSERT INTO improvements_held (identity, digest_id, held_at, updated_at, alert, project, calls, fingerprint, title,
       subject, evidence)
     VALUES ($identity, $digest, $now, $now, $alert, $project, $calls, $fingerprint, $title, $subject, $evidence)
     ON CONFLICT (identity) DO UPDATE SET
       title = excluded.title, evidence = excluded.evidence, calls = excluded.calls,
       fingerprint = excluded.fingerprint, digest_id = excluded.digest_id, updated_at = excluded.updated_at`,
    {
      identity,
      title,
      alert,
      project: subject.project,
      subject: JSON.stringify(subject),
      evidence: JSON.stringify(all),
      calls: callsOf(all),
      fingerprint: evidence.fingerprint,
      digest,
      now: step.now,
    },
  );
  return covered ? undefined : digest;
}

/** Takes a proposal from what was held back, with the evidence that was kept for it. */
export function releaseHeldBack(step: Step, identity: string): Improvement['evidence'] {
  const [row] = step.all(`DELETE FROM improvements_held WHERE identity = $identity RETURNING evidence`, {
    identity,
  });
  return row ? evidenceOf(row) : [];
}

/** Takes away what nobody has told of for long, unless a digest that is open lists it. */
export function forgetHeldBack(step: Step, before: number): void {
  step.run(
    `DELETE FROM improvements_held WHERE updated_at < $before AND digest_id NOT IN
       (SELECT id FROM improvements WHERE state IN ('proposed', 'approved', 'scheduled'))`,
    { before },
  );
}

export function heldBackSummary(
  step: Step,
  digest: string,
): { calls: number; summary: Improvement['held_back'] } {
  const groups = step.all(
    `SELECT alert, count(*) AS n, sum(calls) AS calls FROM improvements_held WHERE digest_id = $digest
     GROUP BY alert ORDER BY n DESC, alert`,
    { digest },
  );
  const common = step.get(
    `SELECT min(project) AS project FROM improvements_held WHERE digest_id = $digest
     HAVING count(DISTINCT project) = 1 AND count(project) = count(*)`,
    { digest },
  );
  return {
    calls: groups.reduce((sum, { calls }) => sum + number(calls), 0),
    summary: {
      total: groups.reduce((sum, { n }) => sum + number(n), 0),
      by_alert: Object.fromEntries(groups.map(({ alert, n }) => [text(alert), number(n)])),
      project: maybeText(common?.project),
      oldest: listHeldBack(step, digest, { limit: shown }).items,
    },
  };
}

export function listHeldBack(
  step: Step,
  digest: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Page<HeldBack> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const rows = step.all(
    `SELECT held.*, coalesce(alerts.status = 'firing', 0) AS firing FROM improvements_held held
     LEFT JOIN alerts ON alerts.fingerprint = held.fingerprint
     WHERE digest_id = $digest AND ($at IS NULL OR (held_at, identity) > ($at, $identity))
     ORDER BY held_at, identity LIMIT $rows`,
    { digest, at: after?.at, identity: after?.id, rows: limit + 1 },
  );
  return pageOf(rows.map(heldBackOf), limit, ({ since, identity }) => ({
    at: Date.parse(since),
    id: identity,
  }));
}

function heldBackOf(row: Row): HeldBack {
  return {
    identity: text(row.identity),
    title: text(row.title),
    alert: text(row.alert),
    subject: subjectOf(row),
    fingerprint: text(row.fingerprint),
    since: new Date(number(row.held_at)).toISOString(),
    last_at: new Date(number(row.updated_at)).toISOString(),
    count: number(row.calls),
    firing: row.firing === 1,
  };
}
