import { minutesPerDay } from './calendar.ts';
import type { Message, Told } from './evaluation/notifications.ts';
import { type Episode, hasLabels } from './evaluation/timeline.ts';
import type { AlertMatch, Incident } from './incident.ts';

/** How one alert has done. */
export interface AlertScore {
  alert: string;
  /** Incidents that it had to tell of, and those of them that it told of in time. */
  incidents: number;
  found: number;
  /** What people were told of it: */
  messages: number;
  /** the first about its incident, */
  true_alarms: number;
  /** a further one about an incident, its own or one that it follows from, */
  repeats: number;
  /** and one about nothing; also what was over before anybody was told. */
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
  false_alarms: Message[];
  repeats: Message[];
}

/** An alert may take so many minutes longer than its incident lasts. */
const grace = 30;
const lingerMinutes = 3 * minutesPerDay;

/**
 * Holds what fired against what happened. `episodes` is all that fired, `told` what people heard of it: an incident is
 * found also by an alert that a cause inhibits, but only what is not inhibited can be false.
 */
export function scoreAlerts(
  names: readonly string[],
  incidents: readonly Incident[],
  { episodes, told }: { episodes: readonly Episode[]; told: Told },
): Score {
  const found = incidents.map((incident) => ({ incident, found_at: foundAt(incident, episodes) }));
  const judged = judge(incidents, told);
  const of = (verdict: Verdict) => judged.filter((each) => each.verdict === verdict);
  const alerts = names.map((alert) => {
    const own = found.filter(({ incident }) => incident.expected?.alert === alert && !incident.small);
    const count = (verdict: Verdict) => of(verdict).filter(({ message }) => message.alert === alert).length;
    const [true_alarms, repeats, false_alarms] = [count('true'), count('repeat'), count('false')];
    return {
      alert,
      incidents: own.length,
      found: own.filter(({ found_at }) => found_at !== undefined).length,
      messages: true_alarms + repeats + false_alarms,
      true_alarms,
      repeats,
      false_alarms,
      delays: own.flatMap(({ incident, found_at }) =>
        found_at === undefined ? [] : [found_at - incident.from],
      ),
    };
  });
  const messages = (verdict: Verdict) => of(verdict).map(({ message }) => message);
  return { alerts, incidents: found, false_alarms: messages('false'), repeats: messages('repeat') };
}

/** When the first alert told of it that had to, or might instead. */
function foundAt(incident: Incident, episodes: readonly Episode[]): number | undefined {
  const { from, to } = incident;
  const times = episodes
    .filter((episode) => tellsOf(episode, incident) && episode.to > from && episode.from < to + grace)
    .map((episode) => Math.max(from, episode.from));
  return times.length === 0 ? undefined : Math.min(...times);
}

function tellsOf(episode: Episode, { expected, instead }: Incident): boolean {
  if (!expected) return false;
  return (
    (episode.alert === expected.alert && hasLabels(episode.labels, expected.labels)) ||
    (instead.includes(episode.alert) && agrees(episode, expected))
  );
}

/** Whether they say nothing different of a label that both have. */
function agrees({ labels }: Episode, { labels: wanted = {} }: AlertMatch): boolean {
  return Object.entries(wanted).every(([label, value]) => (labels[label] ?? value) === value);
}

/** Whether it is true of an incident, or what follows from it: elsewhere only if it stops everything. */
function explains(incident: Incident, episode: Episode): boolean {
  const { expected, follows, lingers, touches, to, tail } = incident;
  if (!expected) return false;
  const follow = touches.includes('all') || agrees(episode, expected);
  if (lingers.includes(episode.alert) && follow) return true;
  if (episode.from >= to + tail) return false;
  return tellsOf(episode, incident) || (follows.includes(episode.alert) && follow);
}

type Verdict = 'true' | 'repeat' | 'false';

interface Judged {
  message: Message;
  verdict: Verdict;
}

/**
 * The first message about an incident by the alert that had to tell of it is true; what else is explained repeats it.
 * What no incident explains is a message of its own, whatever it was sent with.
 */
function judge(incidents: readonly Incident[], { messages, untold }: Told): Judged[] {
  const toldOf = new Set<Incident>();
  const during = ({ from }: Episode) =>
    incidents.filter(({ from: begin, to, tail, lingers }) => {
      const until = lingers.length > 0 ? Math.max(tail, lingerMinutes) : tail;
      return from >= begin && from < to + until;
    });
  const explained = (episode: Episode) => during(episode).some((incident) => explains(incident, episode));
  const judged = messages.flatMap((message): Judged[] => {
    const about = message.parts.filter(explained);
    const rest = message.parts.filter((part) => !about.includes(part));
    const own = about.flatMap((part) =>
      during(part).filter((incident) => part.from < incident.to + incident.tail && tellsOf(part, incident)),
    );
    const verdict = own.some((incident) => !toldOf.has(incident)) ? 'true' : 'repeat';
    for (const incident of own) toldOf.add(incident);
    return [
      ...(about.length > 0 ? [{ message: { ...message, parts: about }, verdict } as const] : []),
      ...(rest.length > 0 ? [{ message: { ...message, parts: rest }, verdict: 'false' } as const] : []),
    ];
  });
  const overSoon = untold
    .filter((episode) => !explained(episode))
    .map((episode): Judged => {
      return { message: { alert: episode.alert, sent: episode.from, parts: [episode] }, verdict: 'false' };
    });
  return [...judged, ...overSoon];
}
