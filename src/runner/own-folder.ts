import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../executors/executor.ts';

/** A folder of one run's own, outside of where it works: for what its CLI takes from files and writes to them. */
export interface OwnFolder {
  readonly path: string;
  /** Makes it, with what a command wants to find there; not at all if it wants nothing. */
  fill(command: Command): Promise<void>;
  remove(): Promise<void>;
}

export function ownFolder(): OwnFolder {
  const path = join(tmpdir(), `andon-run-${randomUUID()}`);
  let made = false;
  return {
    path,
    async fill({ files, record }) {
      if (!files && record === undefined) return;
      // A prompt is for this user alone.
      await mkdir(path, { mode: 0o700 });
      made = true;
      for (const [file, content] of Object.entries(files ?? {}))
        await writeFile(file, content, { mode: 0o600 });
    },
    async remove() {
      if (made) await rm(path, { recursive: true, force: true });
    },
  };
}
