import type { ReportStore } from '../../domain/report-store.ts';
import type { SqliteDatabase } from './database.ts';
import { maybeNumber } from './row.ts';

const key = 'report_due';

export class SqliteReportStore implements ReportStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async lastDue(): Promise<number | undefined> {
    const row = await this.#db.read((step) => step.get(`SELECT value FROM meta WHERE key = $key`, { key }));
    return maybeNumber(row?.value);
  }

  async markSent(due: number): Promise<void> {
    await this.#db.write((step) =>
      step.run(
        `INSERT INTO meta (key, value) VALUES ($key, $due)
         ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)`,
        { key, due },
      ),
    );
  }
}
