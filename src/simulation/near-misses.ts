import type { Fault } from './fault.ts';
import type { Incident } from './incident.ts';

/** Says of each incident whether chance has kept it too small for what it was to be. */
export function markNearMisses(
  incidents: readonly Incident[],
  hits: ReadonlyMap<Fault, readonly number[]>,
): Incident[] {
  return incidents.map((incident) => ({ ...incident, small: isSmall(incident, hits.get(incident.fault)) }));
}

function isSmall({ at_least, to }: Incident, hits: readonly number[] = []): boolean {
  if (!at_least) return false;
  const { hits: wanted = 1, within = Number.POSITIVE_INFINITY, minutes = 0 } = at_least;
  const during = hits.filter((minute) => minute < to);
  const close = during.some((first, index) => {
    const last = during[index + wanted - 1];
    return last !== undefined && last - first < within;
  });
  return !close || to - (during[0] ?? to) < minutes;
}
