import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';

/** Where the parts of one instance keep their files. */
export function dataPaths(config: Config) {
  const data = resolve(config.data_dir);
  const { tokens_dir } = config.service;
  const handed = (scope: 'read' | 'report' | 'alert') => tokens_dir && resolve(tokens_dir, scope, 'token');
  return {
    data,
    database: join(data, 'andon.db'),
    logs: join(data, 'logs'),
    adminToken: join(data, 'admin-token'),
    alertToken: handed('alert') ?? join(data, 'alert-token'),
    readToken: handed('read') ?? join(data, 'read-token'),
    /** For runners of other processes; only where `service.tokens_dir` says where. */
    reportToken: handed('report'),
    sessionSecret: join(data, 'session-secret'),
  };
}
