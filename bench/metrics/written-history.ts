import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { normalizeOutcome, type TaskMetric } from '../../src/domain/outcome.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { type Distribution, distributionOf } from '../distribution.ts';
import { type History, sampleOutcomes } from './sample-outcomes.ts';

/** The same outcomes in a store of Andon's and as lines of JSON. */
export interface WrittenHistory {
  /** The store is where a service with this data folder has it. */
  folder: string;
  jsonl: string;
  /** Milliseconds for each batch of 500 that was recorded. */
  batches: Distribution;
  storeMegabytes: number;
  /** How many outcomes the store has got since. */
  added: number;
  remove(): void;
}

const batchSize = 500;

export async function writeHistory(history: History): Promise<WrittenHistory> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-'));
  const [database, jsonl] = [join(folder, 'andon.db'), join(folder, 'outcomes.jsonl')];
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const store = new SqliteStore(database);
  const lines = createWriteStream(jsonl);
  try {
    const batches: number[] = [];
    let batch: TaskMetric[] = [];
    const record = async () => {
      const begun = performance.now();
      await store.outcomes.record(batch);
      batches.push(performance.now() - begun);
      batch = [];
    };
    for (const report of sampleOutcomes(history)) {
      if (!lines.write(`${JSON.stringify(report)}\n`)) await once(lines, 'drain');
      batch.push(normalizeOutcome(report, ''));
      if (batch.length === batchSize) await record();
    }
    if (batch.length > 0) await record();
    lines.end();
    await finished(lines);
    await store.close();
    const storeMegabytes = statSync(database).size / 1e6;
    return { folder, jsonl, batches: distributionOf(batches), storeMegabytes, added: 0, remove };
  } catch (error) {
    await store.close();
    remove();
    throw error;
  }
}
