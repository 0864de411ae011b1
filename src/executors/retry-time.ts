import { inZone, validZone, wallClock } from '../domain/wall-clock.ts';

/**
 * Every form of "until when" that the CLIs were seen to print (2025-11 to 2026-09):
 * Claude Code `resets 12:20pm`, `resets 3pm (America/Bogota)`, `resets Apr 23 at 4pm (America/Recife)`,
 * `usage limit reached|1750000000`, `You will regain access on 2026-02-01 at 00:00 UTC`; Codex `try again at 3:28 PM.`, `try again at Aug 20th, 2026 11:50 AM.`,
 * `try again in 3 days 6 hours 57 minutes.`, `"resets_at":1777936568`, `"resets_in_seconds":13872`; Cursor `when your
 * monthly cycle ends on 9/23/2026`; Gemini `Your quota will reset after 19h14m47s.`, `Please retry in 34.07s`,
 * `"retryDelay":"34s"`; and HTTP's `Retry-After: 120` or a date.
 */
const leads = /resets?(?![a-z_])|try again|retry(?:-after|ing)?(?![a-z_-])|cycle ends|regain access/gi;
const structured: [RegExp, (value: number, now: number) => number][] = [
  [/(?:resets?_?at["':\s=]+|limit reached\|)(\d{10,13})(?!\d)/i, (value) => epoch(value)],
  [/resets?_in_seconds["':\s=]+(\d{1,8})(?!\d)/i, (value, now) => now + value * 1000],
  [/retry_?delay["':\s=]+(\d{1,8}(?:\.\d+)?)s/i, (value, now) => now + value * 1000],
];

/** A time of day that has only just passed means now, not tomorrow. */
const justPassed = 15 * 60 * 1000;
const day = 24 * 3600 * 1000;

/**
 * When a provider's limit ends by its own words, in milliseconds since the epoch; undefined if they do not say. A time
 * without a zone is local, as the CLIs print it.
 */
export function retryTime(said: string, now: number, timeZone?: string): number | undefined {
  // What is printed at a width is broken anywhere.
  const text = said.replaceAll(/\s+/g, ' ');
  for (const [words, time] of structured) {
    const value = words.exec(text)?.[1];
    if (value !== undefined) return believed(time(Number(value), now));
  }
  for (const lead of text.matchAll(leads)) {
    const rest = text
      .slice(lead.index + lead[0].length, lead.index + 120)
      .replace(/^(?:[\s:=·"',]|(?:will|at|on|in|after|again)\b)+/i, '');
    const time = timeAt(rest, now, timeZone);
    if (time !== undefined) return believed(time);
  }
  return undefined;
}

function believed(time: number): number | undefined {
  return Number.isFinite(time) && Math.abs(time) < 8.64e15 ? Math.round(time) : undefined;
}

function timeAt(rest: string, now: number, timeZone: string | undefined): number | undefined {
  return written(rest) ?? span(rest, now) ?? bareNumber(rest, now) ?? calendar(rest, now, timeZone);
}

/** An RFC 3339 or an HTTP date, which need no reading of ours. */
function written(rest: string): number | undefined {
  const whole =
    /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)/.exec(rest) ??
    /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/.exec(rest);
  const time = whole ? Date.parse(whole[0]) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

const unit =
  /^(\d{1,9}(?:\.\d+)?)\s*(milliseconds?|ms|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])[\s,]*(?:and\s+)?/i;
const unitLength: Record<string, number> = { d: day, h: 3_600_000, m: 60_000, s: 1000 };

/** "3 days 6 hours 57 minutes", "19h14m47s", "34.07s". */
function span(rest: string, now: number): number | undefined {
  let time = now;
  let left = rest;
  for (let part = unit.exec(left); part; part = unit.exec(left)) {
    const name = (part[2] ?? '').toLowerCase();
    time +=
      Number(part[1]) * (name.startsWith('mil') || name === 'ms' ? 1 : (unitLength[name.charAt(0)] ?? 0));
    left = left.slice(part[0].length);
  }
  return left === rest ? undefined : time;
}

/** An epoch, or seconds as in `Retry-After: 120`. */
function bareNumber(rest: string, now: number): number | undefined {
  const digits = /^(\d{1,13})(?![\d:/.-]|\s*[ap]\.?m)/i.exec(rest)?.[1];
  if (digits === undefined) return undefined;
  if (digits.length >= 10) return epoch(Number(digits));
  return digits.length <= 6 ? now + Number(digits) * 1000 : undefined;
}

function epoch(value: number): number {
  return value < 1e11 ? value * 1000 : value;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthDay =
  /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(20\d\d))?(?:,?\s*(?:at\s+)?)/i;
const slashed = /^(\d{1,2})\/(\d{1,2})\/(20\d\d)(?:,?\s*(?:at\s+)?)/;
const dashed = /^(20\d\d)-(\d\d)-(\d\d)(?!\d)(?:,?\s*(?:at\s+)?)/;
const timeOfDay = /^(\d{1,2})(?::(\d\d))?(?::\d\d)?\s*([ap])\.?m\b\.?|^(\d{1,2}):(\d\d)(?!\d)/i;
const zoneAfter = /^\s*(?:\(([A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*)\)|(UTC|GMT)\b)/;

/** A date, a time of day or both, in the zone that is named after it, else in the local one. */
function calendar(rest: string, now: number, localZone: string | undefined): number | undefined {
  const date = monthDay.exec(rest) ?? slashed.exec(rest) ?? dashed.exec(rest);
  const afterDate = rest.slice(date?.[0].length ?? 0);
  const time = timeOfDay.exec(afterDate);
  if (!date && !time) return undefined;
  const named = zoneAfter.exec(afterDate.slice(time?.[0].length ?? 0));
  const zone = validZone(named?.[1] ?? named?.[2]) ?? localZone;
  const clock = time ? hourOf(time) : { hour: 0, minute: 0 };
  if (!clock) return undefined;
  const today = wallClock(now, zone);
  if (!date) {
    const at = inZone({ ...today, ...clock }, zone);
    return at >= now - justPassed ? at : inZone({ ...today, day: today.day + 1, ...clock }, zone);
  }
  const { year, month, day: dayOfMonth } = dateOf(date);
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31) return undefined;
  const at = inZone({ year: year ?? today.year, month, day: dayOfMonth, ...clock }, zone);
  // "Jan 2", said in December.
  if (year !== undefined || at >= now - day) return at;
  return inZone({ year: today.year + 1, month, day: dayOfMonth, ...clock }, zone);
}

/** Of a month by name, of a date as Americans write it, or with the year first. */
function dateOf([, first = '', second = '', third]: RegExpExecArray) {
  if (first.length === 4) return { year: Number(first), month: Number(second), day: Number(third) };
  const named = months.indexOf(first.slice(0, 3).toLowerCase()) + 1;
  const month = named > 0 ? named : Number(first);
  return { month, day: Number(second), year: third === undefined ? undefined : Number(third) };
}

function hourOf([, hour12, minute12, half, hour24, minute24]: RegExpExecArray) {
  const minute = Number(minute12 ?? minute24 ?? 0);
  const hour = hour12 ? (Number(hour12) % 12) + (half?.toLowerCase() === 'p' ? 12 : 0) : Number(hour24);
  const fits = minute < 60 && hour < 24 && (!hour12 || (Number(hour12) >= 1 && Number(hour12) <= 12));
  return fits ? { hour, minute } : undefined;
}
