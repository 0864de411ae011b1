import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutcomeReport } from '../domain/outcome.ts';
import { writeDurably } from '../runner/durable-file.ts';

/** An outcome on disk. */
export interface SpooledOutcome {
  path: string;
  /** The record, as `andon ingest` and the API take it: one line of JSON. */
  line: string;
}

/** Outcomes that one service could not be given yet: a file each, which is whole or not there. */
export interface OutcomeSpool {
  readonly folder: string;
  /** Resolves when it would outlast a crash of the machine. @throws what the disk says */
  put(report: OutcomeReport): Promise<SpooledOutcome>;
  remove(outcome: SpooledOutcome): Promise<void>;
  /** Puts it aside, for a person; answers where it is. */
  refuse(outcome: SpooledOutcome): Promise<string>;
  /** How many wait, how many for other services, and the oldest of ours, at most `limit`. */
  list(limit: number): Promise<{ waiting: number; elsewhere: number; outcomes: SpooledOutcome[] }>;
}

/** The spool in `folder` of what is meant for the service at `serviceUrl`. Any number of processes may share it. */
export function createOutcomeSpool(folder: string, serviceUrl: string): OutcomeSpool {
  const suffix = `.${digest(serviceUrl)}.json`;
  return {
    folder,
    async put(report) {
      // By the time, so that names sort by age; the same run twice is the same file.
      const time = report.created_at?.replaceAll(/[^0-9TZ]/g, '') ?? '';
      const name = `${time}-${digest(`${report.task_id}\n${report.attempt}`)}${suffix}`;
      const line = JSON.stringify(report);
      await writeDurably(folder, name, line);
      return { path: join(folder, name), line };
    },
    remove: ({ path }) => rm(path, { force: true }),
    async refuse({ path }) {
      const aside = join(folder, 'refused');
      await mkdir(aside, { recursive: true, mode: 0o700 });
      const kept = join(aside, path.slice(folder.length + 1));
      await rename(path, kept);
      return kept;
    },
    async list(limit) {
      const entries = await readdir(folder).catch(() => []);
      const all = entries.filter((name) => name.endsWith('.json')).sort();
      const names = all.filter((name) => name.endsWith(suffix));
      const outcomes = await Promise.all(
        names.slice(0, limit).map(async (name) => {
          const path = join(folder, name);
          // Gone: another process has delivered it.
          const line = await readFile(path, 'utf8').catch(() => undefined);
          return line === undefined ? [] : [{ path, line }];
        }),
      );
      return {
        waiting: names.length,
        elsewhere: all.length - names.length,
        outcomes: outcomes.flat(),
      };
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
