import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { AppError, whyNot } from '../domain/errors.ts';
import type { Store } from '../domain/store.ts';
import { inZone, wallClock } from '../domain/wall-clock.ts';
import { reportAlert } from '../monitoring/alertmanager-config.ts';
import { allWell, readMorningReport } from '../reports/morning-report.ts';
import type { AttentionLimits } from '../reports/pipeline-status.ts';
import { reportText, reportTitle } from '../reports/report-text.ts';
import { alertComponent } from '../telemetry/names.ts';
import { Periodic } from './periodic.ts';
import { attentionLimitsOf } from './routes.ts';
import type { Service } from './service.ts';

/**
 * Looks every half a minute whether a report is due, if the settings ask for any. Resolves to how to end it.
 */
export function scheduleReports(
  config: Config,
  parts: {
    service: Pick<Service, 'store' | 'publicUrl'>;
    alertmanagerUrl?: string;
    logger: Logger;
    clock?: Clock;
  },
): () => Promise<void> {
  const { report, alertmanager_url = parts.alertmanagerUrl } = config.notifications;
  if (!report || alertmanager_url === undefined) return async () => {};
  const periodic = new Periodic(parts.logger, () => {});
  const { store, publicUrl } = parts.service;
  const options = {
    ...report,
    store,
    publicUrl,
    clock: parts.clock ?? systemClock,
    limits: attentionLimitsOf(config),
    alertmanagerUrl: alertmanager_url,
  };
  periodic.every(30, 'report', () => sendDueReport(options));
  void periodic.attempt('report', () => sendDueReport(options));
  return () => periodic.stop();
}

export interface ReportScheduleOptions {
  store: Store;
  clock: Clock;
  limits: AttentionLimits;
  /** The time of day, `08:00`, and its time zone. */
  at: string;
  timezone: string;
  /** The Alertmanager whose channels people are told by. */
  alertmanagerUrl: string;
  publicUrl: string;
}

const hour = 3_600_000;
/** A report that could not be sent for so long is not sent any more: the next one has it all. */
const tooLate = 12 * hour;
const longestWindow = 7 * 24 * hour;
/** How long Alertmanager takes the report for firing: it is told once in that time. */
const lifetime = 10 * 60_000;

/**
 * Sends the report that is due, if there is one. It goes out as an alert: Alertmanager knows the channels, their
 * secrets and how to try again. Several services may send the same one: for Alertmanager it is one alert.
 * @throws AppError `unavailable` if Alertmanager does not take it; the next call tries again
 */
export async function sendDueReport(options: ReportScheduleOptions): Promise<'sent' | 'nothing_due'> {
  const { store, clock, at, timezone } = options;
  const now = clock();
  const due = latestDue(now, at, timezone);
  const last = await store.reports.lastDue();
  if (last !== undefined && last >= due) return 'nothing_due';
  // The first start is not the time for a report of before.
  if (last !== undefined && now - due < tooLate) {
    await send(options, Math.max(last, due - longestWindow), due);
  }
  await store.reports.markSent(due);
  return last !== undefined && now - due < tooLate ? 'sent' : 'nothing_due';
}

/** When the clock on the wall last showed this time of day, in milliseconds. */
export function latestDue(now: number, at: string, timezone: string): number {
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  const today = wallClock(now, timezone);
  const due = inZone({ ...today, hour, minute }, timezone);
  return due <= now ? due : inZone({ ...today, day: today.day - 1, hour, minute }, timezone);
}

async function send(options: ReportScheduleOptions, from: number, to: number): Promise<void> {
  const { store, clock, limits, alertmanagerUrl, publicUrl } = options;
  const report = await readMorningReport(store, { clock, from, to, limits });
  const alert = {
    labels: {
      alertname: reportAlert,
      component: alertComponent,
      category: 'report',
      severity: 'info',
      report: new Date(to).toISOString(),
    },
    annotations: {
      summary: reportTitle(report),
      report: reportText(report),
      ...(!allWell(report) && { attention: 'yes' }),
    },
    endsAt: new Date(clock() + lifetime).toISOString(),
    generatorURL: publicUrl,
  };
  await post(`${alertmanagerUrl.replace(/\/+$/, '')}/api/v2/alerts`, [alert]);
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new AppError('unavailable', `the report is not sent: Alertmanager at ${url}: ${whyNot(cause)}`, {
      cause,
    });
  });
  if (response.ok) return;
  const detail = (await response.text()).slice(0, 300);
  throw new AppError('unavailable', `the report is not sent: ${url} answered ${response.status}: ${detail}`);
}
