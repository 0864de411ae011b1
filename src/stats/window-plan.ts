export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Milliseconds, the end not included. */
export interface TimeRange {
  from: number;
  to: number;
}

/** Whole periods of one length, that of an hour or a day (UTC). */
export interface PeriodRange extends TimeRange {
  length: number;
}

/** From what a window is answered. */
export interface WindowPlan {
  /** Whole periods, in the order of time; those that nothing is likely to be added to any more. */
  settled: PeriodRange[];
  /** The hour that is being written; empty if the window ends before it. */
  current: PeriodRange[];
  /** What is in the window of hours that are not wholly in it; at most two, each within one hour. */
  edges: TimeRange[];
}

/**
 * Full days, full hours, and records at the ragged edges. Before the oldest record and after the newest there is
 * nothing, so a window that begins or ends there has no edge: the hour that is being written is used whole.
 */
export function planWindow(window: TimeRange, records: { oldest: number; newest: number }): WindowPlan {
  const currentHour = floor(records.newest, hour);
  const open = window.to > records.newest;
  const from = window.from <= records.oldest ? floor(records.oldest, day) : window.from;
  const to = open ? currentHour + hour : window.to;
  if (from >= to) return { settled: [], current: [], edges: [] };
  const [firstHour, endHour] = [ceil(from, hour), floor(to, hour)];
  // Within one hour.
  if (firstHour > endHour) return { settled: [], current: [], edges: [{ from, to }] };
  const edges = [
    { from, to: firstHour },
    { from: endHour, to },
  ].filter(isSome);
  const current = open && firstHour < endHour ? [{ from: currentHour, to: endHour, length: hour }] : [];
  return { settled: settledPeriods(firstHour, current.length > 0 ? currentHour : endHour), current, edges };
}

function settledPeriods(from: number, to: number): PeriodRange[] {
  const [firstDay, endDay] = [ceil(from, day), floor(to, day)];
  if (firstDay >= endDay) return [{ from, to, length: hour }].filter(isSome);
  return [
    { from, to: firstDay, length: hour },
    { from: firstDay, to: endDay, length: day },
    { from: endDay, to, length: hour },
  ].filter(isSome);
}

function isSome({ from, to }: TimeRange): boolean {
  return from < to;
}

/** The begin of the period that a time is in. */
export function floor(time: number, length: number): number {
  return Math.floor(time / length) * length;
}

/** The begin of the next period, or the time itself if one begins then. */
export function ceil(time: number, length: number): number {
  return Math.ceil(time / length) * length;
}
