import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isOver, type RunnerLife } from './runner-life.ts';

/** A name for a file while it is written: one that a killed runner was writing can be told from one in the making. */
export function unfinishedName(name: string, { instance }: RunnerLife): string {
  return `${name}.${instance}.tmp`;
}

const unfinished = /^(.+)\.([^.]+\.\d+\.\d+\.[^.]+)\.tmp$/;

/** The files of a folder that a life which is over was writing, each with the name that it was to have. */
export async function findUnfinished(
  dir: string,
  self: RunnerLife,
): Promise<{ path: string; name: string }[]> {
  const entries = await readdir(dir).catch(() => []);
  const left = await Promise.all(
    entries.map(async (entry) => {
      const [, name, instance] = unfinished.exec(entry) ?? [];
      // Of which runner it was is not known: one in this process may be another that lives.
      const over = name && instance && (await isOver({ runner: '', instance }, self));
      return over ? [{ path: join(dir, entry), name }] : [];
    }),
  );
  return left.flat();
}
