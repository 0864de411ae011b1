import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Store } from '../domain/store.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { dataPaths } from './data-paths.ts';

/** The store of these settings; it is opened at its first use. @throws AppError `invalid` for one that is not known */
export function openStore(config: Config, logger: Logger, clock: Clock): Store {
  return new SqliteStore(sqlitePathOf(config), clock, (upgrade) =>
    logger.warn(upgrade, 'the store is of an earlier Andon: it is upgraded, which can take a while'),
  );
}

/** The file of the store. @throws AppError `invalid` if the settings name none */
export function sqlitePathOf(config: Config): string {
  const [, path] = /^sqlite:(.+)$/.exec(config.store ?? `sqlite:${dataPaths(config).database}`) ?? [];
  if (!path) throw new AppError('invalid', `store ${config.store} is not one that is known: use sqlite:PATH`);
  return resolve(path);
}
