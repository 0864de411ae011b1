import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { type AccessToken, isLoopback } from '../api/access.ts';
import { createApi, type Listening, listen } from '../api/server.ts';
import { tokenFromFile } from '../api/token-file.ts';
import { asksForTokens, type Config, objectivesOf } from '../config.ts';
import { alertRetentionSeconds } from '../domain/alert.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Store } from '../domain/store.ts';
import { AlertIntake, intakeResults } from '../improvement/alert-intake.ts';
import { digestProposal } from '../improvement/digest.ts';
import { findAlertDeclaration } from '../monitoring/alerts/registry.ts';
import { durationSeconds } from '../monitoring/objectives.ts';
import { browserDoor } from '../pages/browser-door.ts';
import { Sessions } from '../pages/session.ts';
import { loadPriceTables } from '../pricing/price-tables.ts';
import { ServiceMetrics } from '../telemetry/service-metrics.ts';
import { version } from '../version.ts';
import { createBudgetWatch } from './budget-watch.ts';
import { dataPaths } from './data-paths.ts';
import { openStore } from './open-store.ts';
import { Periodic } from './periodic.ts';
import { routesOf } from './routes.ts';

export interface Service {
  /** As it is reached on this machine. */
  url: string;
  /** As people reach it. */
  publicUrl: string;
  store: Store;
  /** A token for a runner of this process; undefined where none is needed. */
  runnerToken: string | undefined;
  adminToken: string;
  close(): Promise<void>;
}

/**
 * Opens the store and serves the API.
 * @throws AppError `invalid` for settings that would not be safe, `unavailable` if the port is taken
 */
export async function createService(
  config: Config,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<Service> {
  const { service } = config;
  const open = !asksForTokens(config);
  if (open && !isLoopback(service.host)) {
    throw new AppError(
      'invalid',
      `service.host ${service.host} can be reached from elsewhere: set service.tokens or service.tokens_dir first`,
    );
  }
  const prices = loadPriceTables(config.prices_file);
  const paths = dataPaths(config);
  const adminToken = tokenFromFile(paths.adminToken);
  const runnerToken = open ? undefined : randomBytes(24).toString('base64url');
  const store = openStore(config, logger, clock);
  const periodic = new Periodic(logger, (where) => metrics.countInternalError(where));
  const metrics: ServiceMetrics = new ServiceMetrics({
    store,
    clock,
    holdSeconds: 2.5 * durationSeconds(objectivesOf(config).scrape_interval),
    staleAfterSeconds: service.stale_after_seconds,
    budget: config.budget,
    onError: (error) => periodic.tell('scrape', error),
  });
  // At 0 before the first, so that an increase is seen.
  for (const result of [...intakeResults, 'truncated']) metrics.countAlert(result, 0);
  const intake = new AlertIntake({
    store,
    findAlert: findAlertDeclaration,
    settings: config.improvements.task,
    rules: {
      cooldown_seconds: config.improvements.cooldown_seconds,
      budget: config.improvements.budget,
      digest: digestProposal(config.improvements.task),
    },
    logger,
    onResult: (result) => metrics.countAlert(result),
  });
  const access = { tokens: accessTokens(config, adminToken, runnerToken), open, hosts: allowedHosts(config) };
  const sessions = new Sessions({
    secret: tokenFromFile(paths.sessionSecret),
    access,
    clock,
    seconds: service.session_seconds,
  });
  const site = { access, clock, sessions, grafanaUrl: config.monitoring.grafana_url };
  const app = createApi({
    routes: routesOf(config, {
      site,
      store,
      metrics,
      clock,
      prices,
      onAlerts: (leftOut) => {
        if (leftOut > 0) {
          metrics.countAlert('truncated', leftOut);
          logger.warn(
            { left_out: leftOut },
            'a group was cut by its sender: raise max_alerts of its receiver',
          );
        }
        void periodic.attempt('alerts', () => intake.run());
      },
    }),
    access,
    browserDoor: browserDoor(site),
    logger,
    version,
    onRequest: (request) => metrics.observeRequest(request),
    onInternalError: (where) => metrics.countInternalError(where),
  });
  const keepAlive = aliveKeeper(store);
  await periodic.attempt('beat', keepAlive);
  const listening = await listen(app, service).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  // What an earlier process stored and did not get to.
  void periodic.attempt('alerts', () => intake.run());
  periodic.every(5, 'beat', keepAlive);
  periodic.every(2, 'leases', () => store.tasks.expireLeases(config.tasks.last_attempt_grace_seconds));
  periodic.every(5, 'budget', createBudgetWatch(store.budgets, config.budget, logger));
  periodic.every(5, 'improvements', () => store.improvements.settle());
  periodic.every(5, 'alerts', () => intake.run());
  periodic.every(3600, 'forget', () => store.alerts.forget(alertRetentionSeconds));
  return handle(config, { store, listening, periodic, adminToken, runnerToken });
}

/** Gives the time back that the service was away, as soon as the store can be had, and beats from then on. */
function aliveKeeper(store: Store): () => Promise<void> {
  let resumed = false;
  return async () => {
    await (resumed ? store.beat() : store.resume());
    resumed = true;
  };
}

function handle(
  { service: { host, public_url } }: Config,
  parts: {
    store: Store;
    listening: Listening;
    periodic: Periodic;
    adminToken: string;
    runnerToken: string | undefined;
  },
): Service {
  const { store, listening, periodic, adminToken, runnerToken } = parts;
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${reached.includes(':') ? `[${reached}]` : reached}:${listening.port}`;
  return {
    url,
    publicUrl: public_url ?? url,
    store,
    runnerToken,
    adminToken,
    async close() {
      await listening.close();
      await periodic.stop();
      await store.close();
    },
  };
}

function accessTokens(config: Config, adminToken: string, runnerToken: string | undefined): AccessToken[] {
  const paths = dataPaths(config);
  return [
    ...config.service.tokens,
    { name: 'admin', token: adminToken, scopes: ['admin'] },
    { name: 'alertmanager', token: tokenFromFile(paths.alertToken), scopes: ['alert'] },
    ...(runnerToken === undefined
      ? []
      : [
          { name: 'runner', token: runnerToken, scopes: ['report'] as const },
          { name: 'prometheus', token: tokenFromFile(paths.readToken), scopes: ['read'] as const },
        ]),
    ...(paths.reportToken === undefined
      ? []
      : [{ name: 'runners', token: tokenFromFile(paths.reportToken), scopes: ['report'] as const }]),
  ];
}

function allowedHosts({ service: { allowed_hosts, public_url, host } }: Config): string[] {
  return [...allowed_hosts, host, ...(public_url ? [new URL(public_url).hostname] : [])];
}
