import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { labelValue } from '../domain/labels.ts';

/**
 * The project that work in a folder is for, unless somebody says: the name of its git repository's folder, also from
 * within a linked work tree, else the folder's own name.
 */
export function projectOf(folder: string): string {
  const name = basename(repositoryOf(resolve(folder)) ?? resolve(folder));
  return labelValue.safeParse(name).data ?? 'default';
}

function repositoryOf(folder: string): string | undefined {
  const git = join(folder, '.git');
  const stats = statSync(git, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return folder;
  if (stats?.isFile()) return mainWorkTree(git) ?? folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

/** Where a linked work tree's `.git` file points: `gitdir: /path/of/main/.git/worktrees/name`. */
function mainWorkTree(file: string): string | undefined {
  return /^gitdir: (.+)\/\.git\/worktrees\/[^/]+\s*$/.exec(readFileSync(file, 'utf8'))?.[1];
}
