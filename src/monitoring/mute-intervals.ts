import type { Mute } from './notifications.ts';

/** A time interval as Alertmanager has it. */
export interface TimeInterval {
  name: string;
  time_intervals: {
    times?: { start_time: string; end_time: string }[];
    weekdays?: string[];
    location: string;
  }[];
}

const week = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** When nobody is told, each by a name. One that goes past midnight is two: Alertmanager's end with the day. */
export function muteIntervals(mutes: readonly Mute[]): TimeInterval[] {
  return mutes.map((mute, index) => ({ name: muteName(index), time_intervals: intervalsOf(mute) }));
}

/** The names of those that hold for an alert of this severity. */
export function mutesFor(mutes: readonly Mute[], severity: 'critical' | 'other'): string[] {
  return mutes.flatMap(({ critical }, index) => (critical || severity === 'other' ? [muteName(index)] : []));
}

function muteName(index: number): string {
  return `andon-mute-${index + 1}`;
}

function intervalsOf({ days, from, to, timezone }: Mute): TimeInterval['time_intervals'] {
  const interval = (start_time: string, end_time: string, on = days) => ({
    ...(start_time === '00:00' && end_time === '24:00' ? {} : { times: [{ start_time, end_time }] }),
    ...(on && { weekdays: [...on] }),
    location: timezone,
  });
  if (from < to) return [interval(from, to)];
  const nextDays = days?.map((day) => week[(week.indexOf(day) + 1) % week.length] ?? day) as typeof days;
  return [interval(from, '24:00'), ...(to === '00:00' ? [] : [interval('00:00', to, nextDays)])];
}
