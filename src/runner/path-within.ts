import { realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AppError } from '../domain/errors.ts';

/**
 * The real path of an entry of a folder; undefined if there is none.
 * @throws AppError `invalid` if the name, or a link behind it, leads out of the folder
 */
export async function pathWithin(folder: string, name: string): Promise<string | undefined> {
  const outside = new AppError('invalid', `${name} is no name of an entry of ${folder}`);
  if (/[/\\\0]/.test(name) || name === '.' || name === '..' || name === '') throw outside;
  const root = await realpath(resolve(folder)).catch(() => undefined);
  const path = root && (await realpath(join(root, name)).catch(() => undefined));
  if (path && !path.startsWith(root + sep)) throw outside;
  return path;
}
