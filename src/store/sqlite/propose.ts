import type {
  DigestProposal,
  Proposal,
  ProposalBudget,
  ProposalRules,
  ProposeResult,
} from '../../domain/improvement.ts';
import { digestKind } from '../../domain/improvement.ts';
import { newTaskId } from '../../domain/task.ts';
import { evidenceOf, mergeEvidence } from './alert-evidence.ts';
import type { Step } from './database.ts';
import { holdBack, releaseHeldBack } from './held-back.ts';
import { stateOf } from './improvement-row.ts';
import { maybeNumber, number, type Row, text } from './row.ts';

const hour = 3_600_000;

/** What is decided for a batch and changes while it is gone through. */
interface Batch {
  rules: ProposalRules;
  /** How many proposals the budget has room for still. */
  room: number;
  /** The open digest, once something was held back. */
  digest?: string;
}

/** Budget, digest and proposals, decided one after the other in one step. */
export function proposeAll(step: Step, proposals: Proposal[], rules: ProposalRules): ProposeResult[] {
  const batch: Batch = { rules, room: roomIn(step, rules.budget) };
  const results = proposals.map((proposal) => propose(step, proposal, batch));
  if (batch.digest) {
    step.run(`UPDATE improvements SET updated_at = $now WHERE id = $id`, { id: batch.digest, now: step.now });
  }
  if (results.some(({ kind }) => kind === 'created')) withdrawEmptyDigest(step, rules.digest.identity);
  return results;
}

function roomIn(step: Step, { per_hour, per_day, open }: ProposalBudget): number {
  const used = step.get(
    `SELECT
       (SELECT count(*) FROM improvements
        WHERE kind <> $digest AND state IN ('proposed', 'approved', 'scheduled')) AS open,
       (SELECT count(*) FROM improvements WHERE kind <> $digest AND proposed_at > $hour_ago) AS hour,
       (SELECT count(*) FROM improvements WHERE kind <> $digest AND proposed_at > $day_ago) AS day`,
    { digest: digestKind, hour_ago: step.now - hour, day_ago: step.now - 24 * hour },
  );
  return Math.min(open - number(used?.open), per_hour - number(used?.hour), per_day - number(used?.day));
}

function propose(step: Step, proposal: Proposal, batch: Batch): ProposeResult {
  const { identity, evidence } = proposal;
  step.run(
    `INSERT INTO improvement_episodes (identity, fingerprint, starts_at) VALUES ($identity, $fingerprint, $starts_at)
     ON CONFLICT DO NOTHING`,
    { identity, fingerprint: evidence.fingerprint, starts_at: evidence.starts_at },
  );
  const latest = step.get(
    `SELECT * FROM improvements WHERE identity = $identity ORDER BY proposed_at DESC, rowid DESC LIMIT 1`,
    { identity },
  );
  const settled = latest && resultOfLatest(step, proposal, latest, batch.rules);
  if (settled) return settled;
  if (batch.room > 0) {
    batch.room -= 1;
    const all = mergeEvidence(releaseHeldBack(step, identity), evidence);
    return { kind: 'created', id: insert(step, { ...proposal, evidence: all }) };
  }
  const openDigest = () => {
    batch.digest ??= findOpen(step, batch.rules.digest.identity) ?? insertDigest(step, batch.rules.digest);
    return batch.digest;
  };
  return { kind: 'held_back', digest_id: holdBack(step, proposal, batch.rules, openDigest) };
}

/** What the last improvement of the same identity makes of a proposal; undefined if it is not in the way. */
function resultOfLatest(
  step: Step,
  { identity, evidence }: Proposal,
  latest: Row,
  { cooldown_seconds }: ProposalRules,
): ProposeResult | undefined {
  const state = stateOf(latest);
  if (state === 'proposed' || state === 'approved' || state === 'scheduled') {
    const id = text(latest.id);
    step.run(`UPDATE improvements SET evidence = $evidence, updated_at = $now WHERE id = $id`, {
      id,
      evidence: JSON.stringify(mergeEvidence(evidenceOf(latest), evidence)),
      now: step.now,
    });
    return { kind: 'merged', id };
  }
  if (state === 'rejected') {
    const needed = 2 * Math.max(1, maybeNumber(latest.episodes_at_decision) ?? 1);
    if (countEpisodes(step, identity) < needed) return { kind: 'muted', until_episodes: needed };
  }
  const until = (maybeNumber(latest.finished_at) ?? 0) + cooldown_seconds * 1000;
  return until > step.now ? { kind: 'cooling', until: new Date(until).toISOString() } : undefined;
}

/** How often the alerts of this identity have fired. */
export function countEpisodes(step: Step, identity: string): number {
  return number(
    step.get(`SELECT count(*) AS n FROM improvement_episodes WHERE identity = $identity`, { identity })?.n,
  );
}

function findOpen(step: Step, identity: string): string | undefined {
  const row = step.get(
    `SELECT id FROM improvements WHERE identity = $identity AND state IN ('proposed', 'approved', 'scheduled')`,
    { identity },
  );
  return row && text(row.id);
}

function insertDigest(step: Step, digest: DigestProposal): string {
  return insert(step, { ...digest, alert: '', subject: {}, evidence: [] });
}

/** A digest whose list has been proposed item by item asks for nothing any more. */
function withdrawEmptyDigest(step: Step, identity: string): void {
  step.run(
    `UPDATE improvements SET state = 'withdrawn', finished_at = $now, updated_at = $now,
       reason = 'all that it listed was proposed by itself'
     WHERE identity = $identity AND state = 'proposed'
       AND NOT EXISTS (SELECT 1 FROM improvements_held WHERE digest_id = improvements.id)`,
    { identity, now: step.now },
  );
}

function insert(
  step: Step,
  proposal: Omit<Proposal, 'evidence'> & { evidence: Proposal['evidence'][] },
): string {
  const id = `imp-${newTaskId()}`;
  step.run(
    `INSERT INTO improvements (id, identity, kind, state, title, alert, subject, evidence, task, proposed_at, updated_at)
     VALUES ($id, $identity, $kind, 'proposed', $title, $alert, $subject, $evidence, $task, $now, $now)`,
    {
      id,
      identity: proposal.identity,
      kind: proposal.kind,
      title: proposal.title,
      alert: proposal.alert,
      subject: JSON.stringify(proposal.subject),
      evidence: JSON.stringify(proposal.evidence),
      task: JSON.stringify(proposal.task),
      now: step.now,
    },
  );
  return id;
}
