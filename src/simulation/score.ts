import type { Episode } from './evaluation/timeline.ts';
import { hasLabels } from './evaluation/timeline.ts';
import type { Incident } from './incident.ts';

/** How one alert has done. */
export interface AlertScore {
  alert: string;
  /** Incidents that it had to tell of, and those of them that it told of in time. */
  incidents: number;
  found: number;
  /** Messages of it that were not inhibited, and what they were. */
  messages: number;
  /** The first about its incident. */
  true_alarms: number;
  /** True, but a second message about the same cause. */
  repeats: number;
  false_alarms: number;
  /** From the beginning of an incident to its alert, in minutes, of those that were found. */
  delays: number[];
}

/** What became of one incident, for whoever wants to know why. */
export interface IncidentScore {
  incident: Incident;
  found_at?: number;
}

export interface Score {
  alerts: AlertScore[];
  incidents: IncidentScore[];
  /** Messages without an incident that they could be about. */
  false_alarms: Episode[];
  /** Messages about an incident that another one had told of. */
  repeats: Episode[];
}

/** An alert may take so many minutes longer than its incident lasts. */
const grace = 30;

/**
 * Holds what fired against what happened. `episodes` is all that fired, `messages` what was told: an incident is found
 * also by an alert that a cause inhibits, but only messages can be false.
 */
export function scoreAlerts(
  names: readonly string[],
  incidents: readonly Incident[],
  { episodes, messages }: { episodes: readonly Episode[]; messages: readonly Episode[] },
): Score {
  const found = incidents.map((incident) => ({ incident, found_at: foundAt(incident, episodes) }));
  const judged = judge(incidents, messages);
  const alerts = names.map((alert) => {
    const own = found.filter(({ incident }) => incident.expected?.alert === alert);
    const of = (verdict: Verdict) =>
      judged.filter((each) => each.message.alert === alert && each.verdict === verdict).length;
    return {
      alert,
      incidents: own.length,
      found: own.filter(({ found_at }) => found_at !== undefined).length,
      messages: messages.filter((message) => message.alert === alert).length,
      true_alarms: of('true'),
      repeats: of('repeat'),
      false_alarms: of('false'),
      delays: own.flatMap(({ incident, found_at }) =>
        found_at === undefined ? [] : [found_at - incident.from],
      ),
    };
  });
  const among = (verdict: Verdict) =>
    judged.filter((each) => each.verdict === verdict).map(({ message }) => message);
  return { alerts, incidents: found, false_alarms: among('false'), repeats: among('repeat') };
}

/** When the first alert told of it that had to, or might instead. */
function foundAt(incident: Incident, episodes: readonly Episode[]): number | undefined {
  const { expected, from, to } = incident;
  if (!expected) return undefined;
  const times = episodes
    .filter((episode) => tellsOf(episode, incident) && episode.to > from && episode.from < to + grace)
    .map((episode) => Math.max(from, episode.from));
  return times.length === 0 ? undefined : Math.min(...times);
}

function tellsOf({ alert, labels }: Episode, { expected, instead }: Incident): boolean {
  if (!expected) return false;
  return (alert === expected.alert && hasLabels(labels, expected.labels)) || instead.includes(alert);
}

type Verdict = 'true' | 'repeat' | 'false';

/** The first message about an incident by the alert that had to tell of it is true; what else it explains repeats it. */
function judge(
  incidents: readonly Incident[],
  messages: readonly Episode[],
): { message: Episode; verdict: Verdict }[] {
  const told = new Set<Incident>();
  return [...messages]
    .sort((a, b) => a.from - b.from)
    .map((message) => {
      const about = incidents.filter(
        (incident) =>
          incident.expected !== undefined &&
          message.from >= incident.from &&
          message.from < incident.to + incident.tail,
      );
      const first = about.find((incident) => tellsOf(message, incident) && !told.has(incident));
      if (first) {
        told.add(first);
        return { message, verdict: 'true' };
      }
      const explained = about.some(
        (incident) => tellsOf(message, incident) || incident.follows.includes(message.alert),
      );
      return { message, verdict: explained ? 'repeat' : 'false' };
    });
}
