import { rmSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { finishRequest } from '../domain/attempt.ts';
import { writeDurably } from './durable-file.ts';
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
  /** @throws what the disk says, if nothing could be put here now */
  check(): Promise<void>;
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

const checkName = 'can-be-written';

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
    put(finish) {
      const name = nameOf(finish);
      return writeDurably(dir, name, JSON.stringify(finish), unfinishedName(name, life));
    },
    async check() {
      await writeDurably(dir, checkName, 'Whether outcomes can be kept here.\n');
      rmSync(join(dir, checkName), { force: true });
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
