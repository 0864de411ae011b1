import { AppError } from '../../domain/errors.ts';
import {
  type AlertEvidence,
  type Improvement,
  improvement as improvementSchema,
  type Proposal,
  type ProposeResult,
} from '../../domain/improvement.ts';
import type { ImprovementState } from '../../domain/improvement-state.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import type { ImprovementQuery, ImprovementStore } from '../../domain/store.ts';
import { type NewTask, newTaskId } from '../../domain/task.ts';
import { createTask } from './create.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row, text } from './row.ts';

/** How many episodes are quoted as evidence; the newest stay. */
const mostEvidence = 20;

export class SqliteImprovementStore implements ImprovementStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async propose(proposal: Proposal, cooldownSeconds: number): Promise<ProposeResult> {
    return this.#db.write((step) => propose(step, proposal, cooldownSeconds));
  }

  async find(id: string): Promise<Improvement | undefined> {
    const row = await this.#db.read((step) => step.get(`SELECT * FROM improvements WHERE id = $id`, { id }));
    return row && improvementOf(row);
  }

  async list(query: ImprovementQuery): Promise<Page<Improvement>> {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT * FROM improvements
         WHERE ($at IS NULL OR (proposed_at, id) < ($at, $id))
           AND ($state IS NULL OR state = $state) AND ($kind IS NULL OR kind = $kind)
           AND ($fingerprint IS NULL OR EXISTS (SELECT 1 FROM json_each(evidence) e
                                                WHERE e.value ->> 'fingerprint' = $fingerprint))
         ORDER BY proposed_at DESC, id DESC LIMIT $rows`,
        {
          at: after?.at,
          id: after?.id,
          state: query.state,
          kind: query.kind,
          fingerprint: query.alert_fingerprint,
          rows: query.limit + 1,
        },
      ),
    );
    return pageOf(rows.map(improvementOf), query.limit, (item) => ({
      at: Date.parse(item.proposed_at),
      id: item.id,
    }));
  }

  async approve(id: string, by: string, task: NewTask, reason?: string): Promise<Improvement> {
    return this.#db.write((step) => {
      decidable(step, id);
      createTask(step, task);
      step.run(
        `UPDATE improvements SET state = 'scheduled', task_id = $task_id, decided_at = $now, decided_by = $by,
           reason = $reason, updated_at = $now
         WHERE id = $id`,
        { id, by, reason, task_id: task.id, now: step.now },
      );
      return improvementOf(existing(step, id));
    });
  }

  async reject(id: string, by: string, reason?: string): Promise<Improvement> {
    return this.#db.write((step) => {
      const row = decidable(step, id);
      step.run(
        `UPDATE improvements SET state = 'rejected', decided_at = $now, decided_by = $by, reason = $reason,
           updated_at = $now, episodes_at_decision = $episodes
         WHERE id = $id`,
        { id, by, reason, now: step.now, episodes: countEpisodes(step, text(row.identity)) },
      );
      return improvementOf(existing(step, id));
    });
  }

  async settle(): Promise<Improvement[]> {
    return this.#db.write((step) => {
      const rows = step.all(
        `UPDATE improvements SET
           state = iif(tasks.status = 'completed', 'done', 'withdrawn'),
           reason = iif(tasks.status = 'completed', reason, coalesce(reason || '; ', '') || 'its task ' || tasks.status),
           finished_at = $now, updated_at = $now
         FROM tasks
         WHERE tasks.id = improvements.task_id AND improvements.state = 'scheduled'
           AND tasks.status IN ('completed', 'failed', 'cancelled')
         RETURNING improvements.id`,
        { now: step.now },
      );
      return rows.map((row) => improvementOf(existing(step, text(row.id))));
    });
  }

  async countByState(): Promise<{ kind: string; state: ImprovementState; count: number }[]> {
    const rows = await this.#db.read((step) =>
      step.all(`SELECT kind, state, count(*) AS count FROM improvements GROUP BY kind, state`),
    );
    return rows.map((row) => ({ kind: text(row.kind), state: stateOf(row), count: number(row.count) }));
  }
}

function propose(step: Step, proposal: Proposal, cooldownSeconds: number): ProposeResult {
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
  if (!latest) return { kind: 'created', improvement: insert(step, proposal) };
  const state = stateOf(latest);
  if (state === 'proposed' || state === 'approved' || state === 'scheduled') {
    return { kind: 'merged', improvement: merge(step, latest, evidence) };
  }
  if (state === 'rejected') {
    const needed = 2 * Math.max(1, maybeNumber(latest.episodes_at_decision) ?? 1);
    if (countEpisodes(step, identity) < needed) return { kind: 'muted', until_episodes: needed };
  }
  const until = (maybeNumber(latest.finished_at) ?? 0) + cooldownSeconds * 1000;
  if (until > step.now) return { kind: 'cooling', until: new Date(until).toISOString() };
  return { kind: 'created', improvement: insert(step, proposal) };
}

function insert(step: Step, proposal: Proposal): Improvement {
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
      evidence: JSON.stringify([proposal.evidence]),
      task: JSON.stringify(proposal.task),
      now: step.now,
    },
  );
  return improvementOf(existing(step, id));
}

/** Takes an episode into the evidence; the same one again only brings its figures up to date. */
function merge(step: Step, row: Row, evidence: AlertEvidence): Improvement {
  const { evidence: known } = improvementOf(row);
  const others = known.filter(
    ({ fingerprint, starts_at }) => fingerprint !== evidence.fingerprint || starts_at !== evidence.starts_at,
  );
  step.run(`UPDATE improvements SET evidence = $evidence, updated_at = $now WHERE id = $id`, {
    id: text(row.id),
    evidence: JSON.stringify([...others, evidence].slice(-mostEvidence)),
    now: step.now,
  });
  return improvementOf(existing(step, text(row.id)));
}

function countEpisodes(step: Step, identity: string): number {
  return number(
    step.get(`SELECT count(*) AS n FROM improvement_episodes WHERE identity = $identity`, { identity })?.n,
  );
}

function existing(step: Step, id: string): Row {
  const row = step.get(`SELECT * FROM improvements WHERE id = $id`, { id });
  if (!row) throw new AppError('not_found', `there is no improvement ${id}`);
  return row;
}

/** @throws AppError `conflict` unless it is still to be decided */
function decidable(step: Step, id: string): Row {
  const row = existing(step, id);
  if (row.state === 'proposed') return row;
  throw new AppError(
    'conflict',
    `improvement ${id} is ${text(row.state)}: only a proposed one can be decided`,
  );
}

function stateOf(row: Row): ImprovementState {
  return improvementSchema.shape.state.parse(row.state);
}

function improvementOf(row: Row): Improvement {
  const evidence = improvementSchema.shape.evidence.parse(json(row.evidence));
  return {
    id: text(row.id),
    identity: text(row.identity),
    kind: text(row.kind),
    state: stateOf(row),
    title: text(row.title),
    alert: text(row.alert),
    subject: improvementSchema.shape.subject.parse(json(row.subject)),
    evidence,
    calls: evidence.reduce((sum, { deliveries }) => sum + deliveries, 0),
    task: json(row.task) as Improvement['task'],
    task_id: maybeText(row.task_id),
    proposed_at: new Date(number(row.proposed_at)).toISOString(),
    updated_at: new Date(number(row.updated_at)).toISOString(),
    decided_at: maybeTime(row.decided_at),
    decided_by: maybeText(row.decided_by),
    reason: maybeText(row.reason),
    finished_at: maybeTime(row.finished_at),
  };
}
