import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerMetrics } from '../../src/telemetry/names.ts';
import type { ServiceApi } from './service-api.ts';

/** Scrapes as Prometheus does, and tells of every counter that went back or away. Resolves at the signal. */
export async function watchCounters(api: ServiceApi, signal: AbortSignal): Promise<string[]> {
  const names = Object.values(ledgerMetrics).map(({ name }) => `${name}{`);
  const highest = new Map<string, number>();
  const problems: string[] = [];
  while (!signal.aborted) {
    const samples = await api.samples().catch(() => undefined);
    if (!samples) break;
    for (const [series, before] of highest) {
      const now = samples.get(series);
      if (now === undefined || now < before) problems.push(`${series} went from ${before} to ${now}`);
    }
    for (const [series, value] of samples) {
      if (names.some((name) => series.startsWith(name))) highest.set(series, value);
    }
    await sleep(250, undefined, { signal }).catch(() => {});
  }
  return problems;
}
