import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that every process of a run inherits, from us and not from the product. */
export const runVariable = 'CHAOS_RUN';

/** The processes of a run that live, but for those known, with their command lines. */
export function processesOf(run: string, known: readonly number[]): string[] {
  const mark = `${runVariable}=${run}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !known.includes(Number(name)))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

/** What a runner has left on disk that belongs to no task any more. */
export function leftOnDisk(dataDir: string, repo: string): string[] {
  const files = (folder: string) => (existsSync(folder) ? readdirSync(folder, { recursive: true }) : []);
  return [
    ...files(join(dataDir, 'spool')).map((name) => `spool/${name}`),
    ...files(join(dataDir, 'work')).map((name) => `work/${name}`),
    ...files(join(repo, '.git', 'worktrees')).map((name) => `.git/worktrees/${name}`),
    ...files(join(repo, '.git'))
      .filter((name) => String(name).endsWith('.lock'))
      .map((name) => `.git/${name}`),
  ];
}

/** What a branch has in this file, as it was committed; undefined if there is no such branch or file. */
export function committed(repo: string, branch: string, file: string): string | undefined {
  try {
    const args = ['-C', repo, 'show', `${branch}:${file}`];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone, or not ours to read.
    return '';
  }
}
