import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, messageOf } from '../domain/errors.ts';

const run = promisify(execFile);

/** The file that will be broken, and mended. */
export const brokenFile = 'prices.csv';

/** The tag of the last commit at which everything was well. */
const goodTag = 'last-good';

const files: Record<string, string> = {
  [brokenFile]: 'tea,3.20\ncoffee,4.10\nscone,2.75\njam,1.90\n',
  'README.md': '# Corner shop\n\nA price list, and the checks that keep it right.\n',
  'checks/prices.sh': `#!/bin/sh
# Every line of the price list is a name, a comma and a price.
line=0
while IFS= read -r entry; do
  line=$((line + 1))
  case "$entry" in
    *,[0-9]*.[0-9][0-9]) ;;
    *) echo "${brokenFile}:$line: not a price: $entry" >&2; exit 1 ;;
  esac
done < ${brokenFile}
echo "$line prices are well formed"
`,
};

/** What an improvement task runs in the demo: it puts the last good file back, and checks it. */
export const healCommand = [
  `git checkout -q ${goodTag} -- ${brokenFile}`,
  'sh checks/prices.sh',
  `git commit -qm "Restore ${brokenFile}"`,
  'git log --oneline -1',
].join(' && ');

/** Makes a small git repository to work in. @throws AppError `unavailable` if git is not there */
export async function createScratchRepository(folder: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await git(folder, 'init', '-q');
  await git(folder, 'config', 'user.name', 'Andon demo');
  await git(folder, 'config', 'user.email', 'demo@example.invalid');
  await commitAll(folder, 'The shop as it should be');
  await git(folder, 'tag', goodTag);
}

/** Commits a price list with a merge conflict left in it, as happens. */
export async function breakRepository(folder: string): Promise<void> {
  const broken =
    'tea,3.20\n<<<<<<< HEAD\ncoffee,4.10\n=======\ncoffee,4.40\n>>>>>>> summer-prices\nscone,2.75\njam,1.90\n';
  await writeFile(join(folder, brokenFile), broken);
  await commitAll(folder, 'Merge summer prices');
}

/** Takes over what a task did on its branch, as a person does who accepts it. */
export async function mergeBranch(folder: string, branch: string): Promise<void> {
  await git(folder, 'merge', '-q', '--no-edit', branch);
}

async function commitAll(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-qm', message);
}

async function git(folder: string, ...args: string[]): Promise<void> {
  try {
    await run('git', ['-C', folder, ...args]);
  } catch (cause) {
    throw new AppError('unavailable', `git ${args[0]} failed: ${messageOf(cause)}`, { cause });
  }
}
