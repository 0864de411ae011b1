import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../domain/errors.ts';

/**
 * The token in this file; the first time it is made, readable by the user alone.
 * @throws AppError `unavailable` if the file can be neither read nor written
 */
export function tokenFromFile(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // `wx`: of two that start at once, one writes and both read the same.
    writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new AppError('unavailable', `cannot write the token ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  chmodSync(path, 0o600);
  const token = readFileSync(path, 'utf8').trim();
  if (token.length < 16)
    throw new AppError('unavailable', `${path} holds no token: delete it, and a new one is made`);
  return token;
}
