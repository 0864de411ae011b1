import { unlinkSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { finishRequest } from '../domain/attempt.ts';
import type { RunnerLife } from './runner-life.ts';
import { findUnfinished, unfinishedName } from './unfinished-file.ts';

/** An outcome on its way to the service. */
export const spooledFinish = z.object({
  task_id: z.string(),
  /** The life of the runner that ran it. */
  runner: z.string(),
  instance: z.string(),
  /** Whether the duration is to be observed when the service has recorded it. */
  observe: z.boolean(),
  queue_seconds: z.number().optional(),
  request: finishRequest,
});
export type SpooledFinish = z.output<typeof spooledFinish>;

/** Outcomes on disk, one file each: there from before the first try to report it until the service has answered. */
export interface Spool {
  /** Resolves when it would outlast a crash of the machine. @throws what the disk says */
  put(finish: SpooledFinish): Promise<void>;
  /** At once, so that nothing can come between this and what counts the outcome. */
  remove(finish: SpooledFinish): void;
  /** Puts it aside, for a person; answers where it is. */
  refuse(finish: SpooledFinish): Promise<string>;
  /**
   * What is there. What cannot be read is put aside and told; what a killed runner was still writing is gone, unless
   * it had got to the end of it.
   */
  list(onUnreadable: (path: string, error: unknown) => void): Promise<SpooledFinish[]>;
}

export function createSpool(dir: string, life: RunnerLife): Spool {
  const nameOf = ({ task_id, request }: SpooledFinish) => `${task_id}-${request.attempt}.json`;
  const refused = join(dir, 'refused');
  const putAside = async (name: string) => {
    await mkdir(refused, { recursive: true, mode: 0o700 });
    const path = join(refused, name);
    await rename(join(dir, name), path);
    return path;
  };
  return {
    async put(finish) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const name = nameOf(finish);
      await writeDurably(dir, { name, while: unfinishedName(name, life) }, JSON.stringify(finish));
    },
    remove(finish) {
      try {
        unlinkSync(join(dir, nameOf(finish)));
      } catch {
        // It was never written, or is delivered once more, which changes nothing.
      }
    },
    refuse: (finish) => putAside(nameOf(finish)),
    async list(onUnreadable) {
      await settleUnfinished(dir, life);
      const entries = await readdir(dir).catch(() => []);
      const names = entries.filter((name) => name.endsWith('.json'));
      const all = await Promise.all(
        names.map(async (name) => {
          try {
            return await read(join(dir, name));
          } catch (error) {
            onUnreadable(await putAside(name).catch(() => join(dir, name)), error);
            return undefined;
          }
        }),
      );
      return all.filter((finish) => finish !== undefined);
    },
  };
}

async function settleUnfinished(dir: string, life: RunnerLife): Promise<void> {
  for (const { path, name } of await findUnfinished(dir, life)) {
    const whole = await read(path).then(
      () => true,
      () => false,
    );
    await (whole ? rename(path, join(dir, name)) : rm(path, { force: true }));
  }
}

async function read(path: string): Promise<SpooledFinish> {
  return spooledFinish.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Writes a file whole or not at all, also if the machine dies meanwhile. */
async function writeDurably(
  dir: string,
  names: { name: string; while: string },
  text: string,
): Promise<void> {
  const temporary = join(dir, names.while);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(dir, names.name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
