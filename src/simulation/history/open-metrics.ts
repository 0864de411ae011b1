import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { timeOf } from '../calendar.ts';
import type { Series } from '../series-table.ts';

/** From one minute up to another. */
export interface Span {
  from: number;
  to: number;
}

export interface WriteOptions {
  file: string;
  series: readonly Series[];
  /** When a second replica of the service exported the same. */
  replica: readonly Span[];
}

/** Gauges are looked at as they stand; a sample of every other minute is as good, with a look-back of more than that. */
const gaugeGap = 2;
/** Counters are read over ranges only, in which what does not change says nothing; */
const counterGap = 4;
/** the store's over half an hour and more, and by their first and last value. */
const storeCounterGap = 15;

/**
 * Writes the samples as OpenMetrics. A sample that says nothing new is left out where every rule would see the same,
 * since reading them takes most of the time: the last one before each change and before each gap is always there.
 */
export async function writeOpenMetrics({ file, series, replica }: WriteOptions): Promise<void> {
  const out = createWriteStream(file);
  for (const each of series) {
    for (const text of [ofSeries(each), ...replicaOf(each, replica)]) {
      if (text !== '' && !out.write(text)) await once(out, 'drain');
    }
  }
  out.end('# EOF\n');
  await once(out, 'finish');
}

function ofSeries(series: Series): string {
  return lines(series, labelsOf(series, {}), { from: 0, to: series.samples.length });
}

function replicaOf(series: Series, spans: readonly Span[]): string[] {
  if (series.source !== 'store' && series.source !== 'service') return [];
  const labels = labelsOf(series, { instance: 'andon-1:8000', pod: 'andon-1' });
  return spans.map((span) => lines(series, labels, span));
}

function lines(series: Series, labels: string, { from, to }: Span): string {
  const { samples, name } = series;
  const gap = gapOf(series);
  const parts: string[] = [];
  let written = Number.NEGATIVE_INFINITY;
  for (let minute = from; minute < to; minute += 1) {
    const value = samples[minute];
    if (value === undefined || Number.isNaN(value)) continue;
    const changes = value !== samples[minute - 1] || value !== samples[minute + 1];
    if (!changes && minute - written < gap) continue;
    parts.push(`${name}{${labels}} ${value} ${timeOf(minute)}\n`);
    written = minute;
  }
  return parts.join('');
}

/** What is averaged over time has to be there each minute. */
function gapOf({ type, source, name, samples }: Series): number {
  if (type === 'counter') return source === 'store' ? storeCounterGap : counterGap;
  const averaged = /^up$|_up$|_held$/.test(name) && samples.some((value) => value !== samples[0]);
  return averaged ? 1 : gaugeGap;
}

function labelsOf({ source, labels }: Series, more: Record<string, string>): string {
  const all = { ...targetOf(source), ...labels, ...more };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',');
}

function targetOf(source: Series['source']): Record<string, string> {
  if (source === 'store' || source === 'service') return { job: 'andon', instance: 'andon:8000' };
  if (source.startsWith('runner:')) {
    return { job: 'andon-runner', instance: `${source.slice('runner:'.length)}:9464` };
  }
  return {};
}
