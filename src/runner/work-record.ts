import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

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
  write(name: string, record: WorkRecord): Promise<void>;
  remove(name: string): Promise<void>;
  list(): Promise<{ name: string; record: WorkRecord }[]>;
}

export function workRecords(workDir: string): WorkRecords {
  const path = (name: string) => join(workDir, name);
  const beside = (name: string, ending: string) => join(workDir, `${name}.${ending}`);
  return {
    path,
    beside,
    async write(name, record) {
      await mkdir(workDir, { recursive: true });
      const temporary = beside(name, 'tmp');
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
      await rename(temporary, beside(name, 'json'));
    },
    async remove(name) {
      for (const ending of ['exclude', 'tmp', 'json']) await rm(beside(name, ending), { force: true });
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
