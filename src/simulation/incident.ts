import { minutesPerDay } from './calendar.ts';
import type { Fault } from './fault.ts';
import type { Random } from './random.ts';

/** An alert of this name about these labels. */
export interface AlertMatch {
  alert: string;
  labels?: Readonly<Record<string, string>>;
}

/** One thing that goes wrong, or only looks so. */
export interface Incident {
  /** Its kind. */
  name: string;
  fault: Fault;
  /** The first minute, and the one after the last. */
  from: number;
  to: number;
  /** What has to tell of it; nothing has to tell of what only looks wrong. */
  expected?: AlertMatch;
  /** Alerts that may tell of it in place of the expected one: they say the same. */
  instead: readonly string[];
  /** Alerts that are true of it too. A message of one is a second one, and not a false alarm. */
  follows: readonly string[];
  /** For how many minutes after its end its alerts may still begin. */
  tail: number;
  /** Alerts that look back over three days, and may begin for so long. */
  lingers: readonly string[];
  /**
   * What it must have come to: attempts that it hit while it lasted, also within so many minutes, and minutes from the
   * first of them to its end. What chance made smaller is a near miss: nothing has to tell of it.
   */
  at_least?: { hits?: number; within?: number; minutes?: number };
  small?: boolean;
  /** What it has to do with; two that share something are not at the same time. */
  touches: readonly string[];
  /** For so long before it there was nothing of these. */
  quiet_minutes: number;
}

/** A kind of incident, and how one of it is made. */
export interface IncidentKind {
  name: string;
  /** How often it happens in a month. */
  a_month: number;
  /** When it begins: hours of a working day, or of any. */
  hours: readonly [number, number];
  anyDay?: boolean;
  /** How long it lasts, in minutes. */
  minutes: readonly [number, number];
  /** Days that must have passed, so that there is something to compare with. */
  after_days?: number;
  /** For so many days before it nothing that it touches may have happened. */
  quiet_days?: number;
  make(random: Random): Pick<Incident, 'fault'> & Partial<Incident>;
}

export function incidentOf(kind: IncidentKind, from: number, random: Random): Incident {
  return {
    name: kind.name,
    quiet_minutes: (kind.quiet_days ?? 0) * minutesPerDay,
    instead: [],
    follows: [],
    lingers: [],
    tail: 60,
    touches: [],
    from,
    to: from + random.integer(kind.minutes[0], kind.minutes[1]),
    ...kind.make(random),
  };
}
