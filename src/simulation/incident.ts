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
  /** What it has to do with; two that share something are not at the same time. */
  touches: readonly string[];
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
  make(random: Random): Pick<Incident, 'fault'> & Partial<Incident>;
}

export function incidentOf(kind: IncidentKind, from: number, random: Random): Incident {
  return {
    name: kind.name,
    instead: [],
    follows: [],
    tail: 60,
    touches: [],
    from,
    to: from + random.integer(kind.minutes[0], kind.minutes[1]),
    ...kind.make(random),
  };
}
