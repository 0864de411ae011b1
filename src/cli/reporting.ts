import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readToken, serviceUrlOf } from '../app/api-client.ts';
import { dataPaths } from '../app/data-paths.ts';
import { asksForTokens, type Config, configSchema, loadConfig } from '../config.ts';
import { inheritedEnvironment } from '../environment.ts';
import type { MetricsService } from '../exec/metrics-sender.ts';
import { createOutcomeSpool, type OutcomeSpool } from '../exec/outcome-spool.ts';
import type { ReportingOptions } from './reporting-options.ts';

export interface Reporting {
  config: Config;
  service: MetricsService;
  spool: OutcomeSpool;
}

/** Where runs are reported to, by settings, environment and command line. */
export function reportingTo(options: Pick<ReportingOptions, 'config' | 'data' | 'service'>): Reporting {
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'runner.service_url': options.service },
  });
  const url = serviceUrlOf(config);
  return {
    config,
    service: { url, token: tokenOf(config) },
    spool: createOutcomeSpool(spoolFolder(config), url),
  };
}

/** The token for reports; the admin's only for the service of this data folder, and only if that asks for any. */
function tokenOf(config: Config): string | undefined {
  if (config.runner.token !== undefined || !asksForTokens(config)) return config.runner.token;
  return config.runner.service_url === undefined ? readToken(dataPaths(config).adminToken) : undefined;
}

/**
 * In the data folder; where nobody has made one, in the user's own folder for such things, since a command that
 * measures must not leave a folder in the work tree that it is run in.
 */
function spoolFolder(config: Config): string {
  const { data, adminToken } = dataPaths(config);
  const isDefault = config.data_dir === configSchema.shape.data_dir.parse(undefined);
  if (!isDefault || existsSync(adminToken)) return join(data, 'spool-exec');
  const state = inheritedEnvironment().XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'andon', 'spool-exec');
}
