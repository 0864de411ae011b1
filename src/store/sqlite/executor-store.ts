import { z } from 'zod';
import type { ClaimRequest } from '../../domain/attempt.ts';
import { type ExecutorHold, holdClass } from '../../domain/executor-hold.ts';
import type { ExecutorStore } from '../../domain/executor-store.ts';
import { findClaimable } from './claim.ts';
import { json, type SqliteDatabase } from './database.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row, text } from './row.ts';

export class SqliteExecutorStore implements ExecutorStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async list(): Promise<ExecutorHold[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT * FROM executor_holds WHERE over_at IS NULL OR over_at > $now ORDER BY executor, runner`,
        { now: step.now },
      ),
    );
    return rows.map(holdOf);
  }

  async countHolds(executor: string, runner?: string): Promise<number> {
    const row = await this.#db.read((step) =>
      step.get(
        `SELECT in_row - (over_at IS NULL OR over_at > $now) AS n
         FROM executor_holds WHERE executor = $executor AND runner = $runner`,
        { executor, runner: runner ?? '', now: step.now },
      ),
    );
    return Math.max(0, maybeNumber(row?.n) ?? 0);
  }

  async listSeen(runnersSince: number): Promise<{ executor: string; held_for: string[] }[]> {
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT executor, json_group_array(DISTINCT reason) FILTER (WHERE reason IS NOT NULL) AS held_for FROM (
           SELECT value AS executor, NULL AS reason FROM label_values WHERE label = 'executor'
           UNION ALL
           SELECT coalesce(v.value, 'other'),
             iif(h.over_at > $now OR (h.over_at IS NULL AND r.left_at IS NULL AND r.seen_at >= $since), h.reason, NULL)
           FROM executor_holds h LEFT JOIN label_values v ON v.label = 'executor' AND v.value = h.executor
           LEFT JOIN runners r ON r.runner = h.runner)
         GROUP BY executor ORDER BY executor`,
        { now: step.now, since: runnersSince },
      ),
    );
    return rows.map((row) => ({
      executor: text(row.executor),
      held_for: [...new Set(z.array(z.string()).parse(json(row.held_for)).map(holdClass))].sort(),
    }));
  }

  async open(executor: string, runner?: string): Promise<boolean> {
    return this.#db.write((step) => {
      const opened = step.run(
        `UPDATE executor_holds SET over_at = $now
         WHERE executor = $executor AND ($runner IS NULL OR runner = $runner)
           AND (over_at IS NULL OR over_at > $now)`,
        { executor, runner, now: step.now },
      );
      return opened > 0;
    });
  }

  async wouldClaim(request: ClaimRequest): Promise<boolean> {
    return this.#db.read((step) => findClaimable(step, { ...request, free_workers: 1 }).length > 0);
  }
}

function holdOf(row: Row): ExecutorHold {
  const runner = maybeText(row.runner) || undefined;
  return {
    executor: text(row.executor),
    ...(runner && { runner }),
    state: runner ? 'closed' : 'paused',
    reason: text(row.reason),
    since: new Date(number(row.since)).toISOString(),
    until: maybeTime(runner ? row.probe_from : row.over_at),
  };
}
