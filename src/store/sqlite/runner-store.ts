import type { RunnerSeen, RunnerStore } from '../../domain/store.ts';
import type { SqliteDatabase, Step } from './database.ts';
import { maybeText, number, text } from './row.ts';

export class SqliteRunnerStore implements RunnerStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async see(runner: string, metricsUrl?: string): Promise<void> {
    await this.#db.write((step) => see(step, runner, metricsUrl));
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
    }));
  }

  async leave(runner: string): Promise<void> {
    await this.#db.write((step) =>
      step.run(`UPDATE runners SET left_at = $now WHERE runner = $runner`, { runner, now: step.now }),
    );
  }
}

/** Part of every step in which a runner is heard of. */
export function see(step: Step, runner: string, metricsUrl?: string): void {
  step.run(
    `INSERT INTO runners (runner, seen_at, metrics_url) VALUES ($runner, $now, $metrics_url)
     ON CONFLICT (runner) DO UPDATE SET
       seen_at = excluded.seen_at, metrics_url = coalesce(excluded.metrics_url, metrics_url), left_at = NULL`,
    { runner, metrics_url: metricsUrl, now: step.now },
  );
}
