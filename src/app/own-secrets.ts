import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { dataPaths } from './data-paths.ts';

/** The tokens of this instance, as far as they lie on this machine: an agent may come upon them, a log must not. */
export function ownSecrets(config: Config): string[] {
  const { adminToken, alertToken, readToken, reportToken, sessionSecret } = dataPaths(config);
  const inSettings = [...config.service.tokens.map(({ token }) => token), config.runner.token ?? ''];
  const files = [adminToken, alertToken, readToken, sessionSecret, ...(reportToken ? [reportToken] : [])];
  return [...inSettings, ...files.map(contentOf)].filter(Boolean);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
