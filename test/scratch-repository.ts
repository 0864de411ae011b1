import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A git repository with one commit of so many small files. */
export function scratchRepository(folder: string, files = 10): string {
  const repo = join(folder, 'repo');
  mkdirSync(repo);
  const git = (...args: string[]) => execFileSync('git', ['-C', repo, ...args]);
  for (let i = 1; i <= files; i += 1) writeFileSync(join(repo, `file-${i}.txt`), `line ${i}\n`.repeat(20));
  git('init', '--quiet');
  git('add', '--all');
  const author = ['-c', 'user.name=Someone', '-c', 'user.email=someone@localhost'];
  git(...author, 'commit', '--quiet', '--message=First');
  return repo;
}
