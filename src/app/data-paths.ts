import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';

/** Where the parts of one instance keep their files. */
export function dataPaths(config: Config) {
  const data = resolve(config.data_dir);
  return {
    data,
    database: join(data, 'andon.db'),
    logs: join(data, 'logs'),
    adminToken: join(data, 'admin-token'),
    alertToken: join(data, 'alert-token'),
    readToken: join(data, 'read-token'),
    sessionSecret: join(data, 'session-secret'),
  };
}
