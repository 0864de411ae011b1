import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunnerLife } from './runner-life.ts';
import { findUnfinished, unfinishedName } from './unfinished-file.ts';

const workRecord = z.object({
  task_id: z.string(),
  attempt: z.number(),
  /** The life of the runner that made it. */
  runner: z.string(),
  instance: z.string(),
  /** In milliseconds since the epoch. */
  created_at: z.number(),
  /** In milliseconds since the epoch; absent while the attempt runs, and if its runner died. */
  keep_until: z.number().optional(),
  /** Present for a git work tree. */
  tree: z
    .object({
      common_dir: z.string(),
      /** What git keeps of this work tree. */
      git_dir: z.string(),
      branch: z.string(),
      base: z.string(),
      /** False until all files of `base` are in it: nothing has worked in it before. */
      filled: z.boolean().default(true),
      /** Ours in it, not the attempt's work; from the root of the tree. */
      excluded: z.array(z.string()).default([]),
    })
    .optional(),
});

/**
 * What is known of one work folder of ours. It lies beside the folder, as `<name>.json`, from before the folder is
 * made until after it is gone: what has no record is not ours to take away.
 */
export type WorkRecord = z.output<typeof workRecord>;

/** Records of the work folders in the folder `work` of the data folder. */
export interface WorkRecords {
  /** Where the folder of this name is. */
  path(name: string): string;
  /** A further file of ours beside it. */
  beside(name: string, ending: string): string;
  /** Makes an empty folder with its record; false if there is one of this name, also of another process. */
  makeFolder(name: string, record: WorkRecord): Promise<boolean>;
  write(name: string, record: WorkRecord): Promise<void>;
  remove(name: string): Promise<void>;
  list(): Promise<{ name: string; record: WorkRecord }[]>;
  /** Takes away the records that a killed runner was still writing, and the folders that were to have them. */
  removeUnfinished(): Promise<void>;
}

export function workRecords(workDir: string, life: RunnerLife): WorkRecords {
  const path = (name: string) => join(workDir, name);
  const beside = (name: string, ending: string) => join(workDir, `${name}.${ending}`);
  const writeUnfinished = async (name: string, record: WorkRecord) => {
    await mkdir(workDir, { recursive: true });
    const temporary = join(workDir, unfinishedName(`${name}.json`, life));
    await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
    return temporary;
  };
  return {
    path,
    beside,
    async makeFolder(name, record) {
      const temporary = await writeUnfinished(name, record);
      try {
        await mkdir(path(name));
      } catch (error) {
        await rm(temporary, { force: true });
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
        throw error;
      }
      await rename(temporary, beside(name, 'json'));
      return true;
    },
    async write(name, record) {
      await rename(await writeUnfinished(name, record), beside(name, 'json'));
    },
    async remove(name) {
      for (const ending of ['exclude', 'json']) await rm(beside(name, ending), { force: true });
    },
    async removeUnfinished() {
      for (const left of await findUnfinished(workDir, life)) {
        const folder = left.name.replace(/\.json$/, '');
        // Made, and its record was not yet: nothing has worked in it.
        if (!existsSync(beside(folder, 'json'))) await rmdir(path(folder)).catch(() => {});
        await rm(left.path, { force: true });
      }
    },
    async list() {
      const entries = await readdir(workDir).catch(() => []);
      const names = entries.filter((entry) => entry.endsWith('.json')).map((entry) => entry.slice(0, -5));
      const records = await Promise.all(names.map((name) => read(beside(name, 'json'))));
      return names.flatMap((name, index) => {
        const record = records[index];
        return record ? [{ name, record }] : [];
      });
    },
  };
}

async function read(file: string): Promise<WorkRecord | undefined> {
  try {
    return workRecord.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Not a record of ours, so what lies beside it is not ours either.
    return undefined;
  }
}
