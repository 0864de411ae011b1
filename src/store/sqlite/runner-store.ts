import { runnerAsks } from '../../domain/runner-asks.ts';
import type { RunnerSeen, RunnerStore } from '../../domain/runner-store.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { maybeText, number, text } from './row.ts';

type Says = Pick<RunnerSeen, 'metrics_url' | 'asks'>;

export class SqliteRunnerStore implements RunnerStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async see(runner: string, says: Says = {}): Promise<void> {
    await this.#db.write((step) => see(step, runner, says));
  }

  async list(since: number): Promise<RunnerSeen[]> {
    const rows = await this.#db.read((step) =>
      step.all(`SELECT * FROM runners WHERE left_at IS NULL AND seen_at >= $since ORDER BY runner`, {
        since,
      }),
    );
    return rows.map((row) => ({
      runner: text(row.runner),
      seen_at: number(row.seen_at),
      metrics_url: maybeText(row.metrics_url),
      asks: maybeText(row.asks) === undefined ? undefined : runnerAsks.parse(json(row.asks)),
    }));
  }

  async leave(runner: string): Promise<void> {
    await this.#db.write((step) =>
      step.run(`UPDATE runners SET left_at = $now WHERE runner = $runner`, { runner, now: step.now }),
    );
  }
}

/** Part of every step in which a runner is heard of. */
export function see(step: Step, runner: string, { metrics_url, asks }: Says = {}): void {
  step.run(
    `INSERT INTO runners (runner, seen_at, metrics_url, asks) VALUES ($runner, $now, $metrics_url, $asks)
     ON CONFLICT (runner) DO UPDATE SET
       seen_at = excluded.seen_at, metrics_url = coalesce(excluded.metrics_url, metrics_url),
       asks = coalesce(excluded.asks, asks), left_at = NULL`,
    { runner, metrics_url, asks: asks && JSON.stringify(asks), now: step.now },
  );
}
