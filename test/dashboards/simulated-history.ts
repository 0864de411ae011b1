import {
  type RecordingGroup,
  recordingGroups,
  recordingRules,
} from '../../src/monitoring/recording-rules.ts';
import { minutesPerDay, simulationStart, timeOf } from '../../src/simulation/calendar.ts';
import { inlineRecords } from '../../src/simulation/evaluation/inline-records.ts';
import { type History, startHistory } from '../../src/simulation/history/history.ts';
import { simulatePipeline } from '../../src/simulation/pipeline/simulate-pipeline.ts';
import { seededRandom } from '../../src/simulation/random.ts';
import { scheduleIncidents } from '../../src/simulation/schedule.ts';
import type { Series } from '../../src/simulation/series-table.ts';
import { queryRange } from '../../src/stack/prometheus-client.ts';
import { neededServer } from '../needed-server.ts';
import { derivedSeries } from './derived-series.ts';

/** The Wednesday of the second week, in the afternoon. */
const minutes = 9 * minutesPerDay + 15.5 * 60;
const last = minutes - 1;
/** When the history ends, in seconds since the epoch. */
export const historyEnd = timeOf(last);

/** Read over a quarter of an hour, by `increase`, and by nothing else than what is recorded. */
const isHistogram = ({ name }: Series) => name.startsWith('agent_task_') && name.endsWith('_bucket');
const histogramGap = 5;

/** How many minutes samples of what does not change may be apart, */
const longestGap = 30;
/** those of what changes, and those of the last hours, which are looked at more closely. */
const grid = { usual: 10, close: 2, closeFrom: last - 100 };
/** Longer than any gap. */
const lookback = '40m';

/** How many minutes apart a group is evaluated: what is of a day or a week changes slowly, and takes longest. */
const evaluated: Readonly<Record<string, number>> = {
  'andon-store': grid.usual,
  'andon-hour': grid.usual,
  'andon-quarter': 15,
  'andon-day': 30,
  'andon-week': 360,
};

/**
 * A Prometheus that has watched a simulated pipeline for more than a week, and has recorded what the rules say: those whose
 * series `reads` is true of.
 */
export async function startSimulatedHistory(reads: (series: string) => boolean): Promise<History> {
  const random = seededRandom('1');
  const incidents = scheduleIncidents(10, random.fork('incidents'));
  const { table } = simulatePipeline(minutes, incidents, random.fork('life'));
  const series = derivedSeries(table.list(), incidents).map(thinned);
  const history = await start(series);
  try {
    for (const group of recordingGroups) series.push(...(await recorded(history.url, group, reads)));
  } finally {
    await history.close();
  }
  return start(series.filter((one) => !isHistogram(one)));
}

function start(series: readonly Series[]): Promise<History> {
  const server = { ...neededServer('prometheus'), found: true } as const;
  return startHistory({ server, series, replica: [], lookback, say: () => {} });
}

/** With no more samples than dashboards can tell apart. */
function thinned(one: Series): Series {
  const samples = new Float64Array(minutes).fill(Number.NaN);
  let kept = Number.NEGATIVE_INFINITY;
  for (const [minute, value] of one.samples.entries()) {
    if (Number.isNaN(value)) continue;
    const close = minute > grid.closeFrom;
    if (isHistogram(one)) {
      if (minute % histogramGap === 0) samples[minute] = value;
      continue;
    }
    const due = minute % (close ? grid.close : grid.usual) === 0 || minute === last;
    const says = close || value !== samples[kept] || minute - kept >= longestGap;
    if (kept >= 0 && !(due && says)) continue;
    samples[minute] = value;
    kept = minute;
  }
  return { ...one, samples };
}

/** What a group records, as Prometheus evaluates it over what it knows. */
async function recorded(
  url: string,
  { name, rules }: RecordingGroup,
  reads: (series: string) => boolean,
): Promise<Series[]> {
  const step = evaluated[name];
  if (step === undefined) throw new TypeError(`say how often ${name} is evaluated`);
  const tables = rules
    .filter(({ record }) => reads(record))
    .map(({ record, expr }) => evaluate(url, record, inlineRecords(expr, recordingRules), step));
  return (await Promise.all(tables)).flat();
}

async function evaluate(url: string, record: string, expr: string, step: number): Promise<Series[]> {
  const series = new Map<string, Series>();
  const spans = [
    { start: 0, end: last, step },
    { start: grid.closeFrom, end: last, step: Math.max(grid.close, step / 6) },
  ];
  for (const { start, end, step } of spans) {
    const range = { start: timeOf(start), end: timeOf(end), step: step * 60, timeoutSeconds: 60 };
    for (const { metric, values } of await queryRange(url, expr, range)) {
      const { __name__: _, ...labels } = metric;
      const key = JSON.stringify(labels);
      const one = series.get(key) ?? newSeries(record, labels);
      series.set(key, one);
      for (const { at, value } of values) hold(one, (at - simulationStart) / 60, step, value);
    }
  }
  return [...series.values()];
}

/** It stands until it is evaluated again. */
function hold({ samples }: Series, minute: number, step: number, value: number): void {
  const every = Math.min(step, longestGap);
  for (let at = minute; at < Math.min(minute + step, minutes); at += every) samples[at] = value;
}

/** What Prometheus itself writes has just its own labels. */
function newSeries(name: string, labels: Record<string, string>): Series {
  const samples = new Float64Array(minutes).fill(Number.NaN);
  return { name, labels, source: 'prometheus', type: 'gauge', value: Number.NaN, samples };
}
