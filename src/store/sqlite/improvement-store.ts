import { AppError } from '../../domain/errors.ts';
import type {
  HeldBack,
  Improvement,
  Proposal,
  ProposalRules,
  ProposeResult,
} from '../../domain/improvement.ts';
import type { ImprovementCount, ImprovementQuery, ImprovementStore } from '../../domain/improvement-store.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import type { NewTask } from '../../domain/task.ts';
import { createTask } from './create.ts';
import type { SqliteDatabase, Step } from './database.ts';
import { listHeldBack } from './held-back.ts';
import { existingImprovement, improvementOf, stateOf } from './improvement-row.ts';
import { countEpisodes, proposeAll } from './propose.ts';
import { number, type Row, text } from './row.ts';

export class SqliteImprovementStore implements ImprovementStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async propose(proposals: Proposal[], rules: ProposalRules): Promise<ProposeResult[]> {
    return this.#db.write((step) => proposeAll(step, proposals, rules));
  }

  async find(id: string): Promise<Improvement | undefined> {
    return this.#db.read((step) => {
      const row = step.get(`SELECT * FROM improvements WHERE id = $id`, { id });
      return row && improvementOf(step, row);
    });
  }

  async list(query: ImprovementQuery): Promise<Page<Improvement>> {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    const items = await this.#db.read((step) => {
      const rows = step.all(
        `SELECT * FROM improvements
         WHERE ($at IS NULL OR (proposed_at, id) < ($at, $id))
           AND ($state IS NULL OR state = $state) AND ($kind IS NULL OR kind = $kind)
           AND ($fingerprint IS NULL
             OR identity IN (SELECT identity FROM improvement_episodes WHERE fingerprint = $fingerprint)
             OR id IN (SELECT digest_id FROM improvements_held JOIN improvement_episodes USING (identity)
                       WHERE improvement_episodes.fingerprint = $fingerprint))
         ORDER BY proposed_at DESC, id DESC LIMIT $rows`,
        {
          at: after?.at,
          id: after?.id,
          state: query.state,
          kind: query.kind,
          fingerprint: query.alert_fingerprint,
          rows: query.limit + 1,
        },
      );
      return rows.map((row) => improvementOf(step, row));
    });
    return pageOf(items, query.limit, (item) => ({
      at: Date.parse(item.proposed_at),
      id: item.id,
    }));
  }

  async listHeldBack(id: string, query: { limit: number; cursor?: string }): Promise<Page<HeldBack>> {
    return this.#db.read((step) => listHeldBack(step, id, query));
  }

  async approve(id: string, by: string, task: NewTask, reason?: string): Promise<Improvement> {
    return this.#db.write((step) => {
      decidable(step, id);
      createTask(step, task);
      step.run(
        `UPDATE improvements SET state = 'scheduled', task_id = $task_id, decided_at = $now, decided_by = $by,
           reason = $reason, updated_at = $now,
           task = json_set(task, '$.direction', $direction, '$.project', $project, '$.priority', $priority)
         WHERE id = $id`,
        {
          id,
          by,
          reason,
          task_id: task.id,
          direction: task.direction,
          project: task.project,
          priority: task.priority,
          now: step.now,
        },
      );
      return improvementOf(step, existingImprovement(step, id));
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
      return improvementOf(step, existingImprovement(step, id));
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
      return rows.map((row) => improvementOf(step, existingImprovement(step, text(row.id))));
    });
  }

  async countByState(): Promise<ImprovementCount[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT kind, alert, state, count(*) AS count, min(proposed_at) AS oldest
         FROM improvements GROUP BY kind, alert, state`,
      ),
    );
    return rows.map((row) => ({
      kind: text(row.kind),
      alert: text(row.alert),
      state: stateOf(row),
      count: number(row.count),
      oldest: number(row.oldest),
    }));
  }
}

/** @throws AppError `conflict` unless it is still to be decided */
function decidable(step: Step, id: string): Row {
  const row = existingImprovement(step, id);
  if (row.state === 'proposed') return row;
  throw new AppError(
    'conflict',
    `improvement ${id} is ${text(row.state)}: only a proposed one can be decided`,
  );
}
