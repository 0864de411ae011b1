/** What a clock on the wall shows; the month from 1. A day past the month's end is one of the next month. */
export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** What a wall clock shows at `time` (milliseconds since the epoch) in a time zone, the local one unless named. */
export function wallClock(time: number, timeZone?: string): WallClock {
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(shown.find((candidate) => candidate.type === type)?.value);
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
  };
}

/** When the wall clock of a time zone shows `wall`. Of an hour that is skipped or comes twice, one of the two. */
export function inZone(wall: WallClock, timeZone?: string): number {
  const asUtc = utc(wall);
  const first = asUtc - offset(asUtc, timeZone);
  return asUtc - offset(first, timeZone);
}

/** The name itself if it is a time zone's. */
export function validZone(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

function offset(time: number, timeZone: string | undefined): number {
  return utc(wallClock(time, timeZone)) - Math.floor(time / 60_000) * 60_000;
}

function utc({ year, month, day, hour, minute }: WallClock): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}
