import { InvalidArgumentError } from 'commander';
import { systemClock, toRfc3339 } from '../domain/clock.ts';

const secondsOf: Record<string, number> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Reads the value of an option that is a time: a date (its beginning in UTC), or RFC 3339. */
export function timeOption(text: string): string {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('It is no date like 2026-08-01, or time like 2026-08-01T09:30:00Z.');
  }
  return toRfc3339(time);
}

/** The same, or how long ago: `12h`, `30d`. */
export function sinceOption(text: string): string {
  const [, count, unit = ''] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) return timeOption(text);
  return toRfc3339(systemClock() - Number(count) * (secondsOf[unit] ?? 0) * 1000);
}

/** Reads the value of an option that is a length of time, `30m`, `2h` or `1d`; in seconds. */
export function durationOption(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('It is no length of time like 30m, 2h or 1d.');
  return Number(count) * (secondsOf[unit] ?? 0);
}
