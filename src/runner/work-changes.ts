import type { WorkChanges } from '../domain/attempt.ts';

/** How many files are named. */
const longestList = 200;
const longestPath = 1024;

/**
 * What a work tree has over `base`, committed or not; files that git does not track are not in it. `git` works in
 * the tree.
 */
export async function readChanges(
  git: (args: string[]) => Promise<string>,
  base: string,
): Promise<WorkChanges> {
  const head = (await git(['rev-parse', 'HEAD'])).trim();
  const commits = head === base ? 0 : Number(await git(['rev-list', '--count', `${base}..${head}`]));
  const diff = ['diff', '--numstat', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', base, '--'];
  const files = parseNumstat(await git(diff));
  const sum = (pick: (file: ChangedFile) => number | undefined) =>
    files.reduce((total, file) => total + (pick(file) ?? 0), 0);
  return {
    base,
    head,
    commits,
    files: files.slice(0, longestList),
    files_changed: files.length,
    lines_added: sum((file) => file.added),
    lines_deleted: sum((file) => file.deleted),
  };
}

type ChangedFile = WorkChanges['files'][number];

/** `added TAB deleted TAB path NUL`, with `-` for both numbers of a binary file. */
export function parseNumstat(text: string): ChangedFile[] {
  return text
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const [added = '-', deleted = '-', ...path] = entry.split('\t');
      const name = path.join('\t').slice(0, longestPath);
      return added === '-' ? { path: name } : { path: name, added: Number(added), deleted: Number(deleted) };
    });
}
