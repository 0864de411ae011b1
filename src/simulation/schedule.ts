import { isWorkday, minutesPerDay } from './calendar.ts';
import { type Incident, type IncidentKind, incidentOf } from './incident.ts';
import { harmlessEvents } from './incidents/harmless.ts';
import { pipelineIncidents } from './incidents/pipeline.ts';
import { selfIncidents } from './incidents/self.ts';
import { usageIncidents } from './incidents/usage.ts';
import { type Random, seededRandom } from './random.ts';

const kinds = [...pipelineIncidents, ...usageIncidents, ...selfIncidents, ...harmlessEvents];
/** Between two that share something, so that the first is over when the second begins. */
const restMinutes = 60;
const tries = 3000;

/** Everything that happens in so many days, in the order in which it begins; what finds no place is left out. */
export function scheduleIncidents(days: number, random: Random): Incident[] {
  const wanted = kinds.flatMap((kind) =>
    Array.from({ length: Math.max(1, Math.round((kind.a_month * days) / 30)) }, () => kind),
  );
  const placed: Incident[] = [];
  for (const kind of wanted.sort((a, b) => room(b) - room(a))) {
    const incident = place(kind, placed, days, random);
    if (incident) placed.push(incident);
  }
  return placed.sort((a, b) => a.from - b.from);
}

/** How much room one needs: those that need most come first, while there is some. */
function room({ minutes, make }: IncidentKind): number {
  const { expected, touches = [] } = make(seededRandom(''));
  return minutes[1] * (touches.includes('all') ? 10 : Math.max(1, touches.length)) * (expected ? 2 : 1);
}

function place(
  kind: IncidentKind,
  placed: readonly Incident[],
  days: number,
  random: Random,
): Incident | undefined {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const day = random.integer(kind.after_days ?? 0, days - 1);
    const from = day * minutesPerDay + Math.round(random.between(...kind.hours) * 60);
    if (!kind.anyDay && !isWorkday(from)) continue;
    const incident = incidentOf(kind, from, random);
    // With a day behind it, so that its alert can still tell of it.
    if (incident.to > (days - 0.2) * minutesPerDay) continue;
    if (!placed.some((other) => clash(incident, other))) return incident;
  }
  return undefined;
}

/** Whether it begins before the other is over for it. */
function begins(later: Incident, { to }: Incident): boolean {
  return later.from < to + Math.max(restMinutes, later.quiet_minutes);
}

function clash(a: Incident, b: Incident): boolean {
  if (!begins(a, b) || !begins(b, a)) return false;
  if (a.name === b.name) return true;
  const all = (one: Incident, other: Incident) => one.touches.includes('all') && other.touches.length > 0;
  return all(a, b) || all(b, a) || a.touches.some((part) => b.touches.includes(part));
}
