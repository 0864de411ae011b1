import { readFileSync } from 'node:fs';

/** Andon's own version. */
export const version = versionIn(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Without a schema: every command would wait for the library that reads one. */
function versionIn(manifest: string): string {
  const { version }: { version?: unknown } = JSON.parse(manifest);
  if (typeof version !== 'string') throw new Error('package.json names no version');
  return version;
}
