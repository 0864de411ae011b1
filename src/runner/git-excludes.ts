import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkContext } from './work-context.ts';

/** What git ignores for this user everywhere: a file of ours takes its place. */
export async function personalExcludes({ git, env, workDir }: WorkContext): Promise<string> {
  const set = await git(['config', '--type=path', '--get', 'core.excludesFile'], { cwd: workDir }).catch(
    () => '',
  );
  const usual = join(env.XDG_CONFIG_HOME || join(env.HOME ?? '', '.config'), 'git', 'ignore');
  const text = await readFile(set.trim() || usual, 'utf8').catch(() => '');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

export function excludePattern(path: string): string {
  return `/${path.replace(/[\\*?[\] ]/g, '\\$&')}\n`;
}

/** The environment in which git has one more setting. */
export function withGitSetting(env: NodeJS.ProcessEnv, key: string, value: string): Record<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT ?? 0) || 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: key,
    [`GIT_CONFIG_VALUE_${count}`]: value,
  };
}
