import type { AlertDeclaration } from '../../monitoring/alert-declaration.ts';
import { durationSeconds, type Objectives } from '../../monitoring/objectives.ts';
import { type Episode, labelKey } from './timeline.ts';

/** What one message newly tells of one alert; `parts` are its label sets, each with when it fired. */
export interface Message {
  alert: string;
  /** The minute in which it is sent. */
  sent: number;
  parts: readonly Episode[];
}

export interface Told {
  messages: readonly Message[];
  /** What was over before anybody was told. */
  untold: readonly Episode[];
}

/**
 * What people are told of what fires and is not inhibited, as Alertmanager groups it: by severity, once the group has
 * waited, and then at each interval in which something is new. What fires again within an interval is not new.
 */
export function notificationsOf(
  firing: readonly Episode[],
  declarations: readonly AlertDeclaration[],
  { people }: Pick<Objectives, 'people'>,
): Told {
  const severities = new Map(declarations.map(({ name, severity }) => [name, severity]));
  const groups = Map.groupBy(firing, ({ alert }) => severities.get(alert));
  const told = [...groups].map(([severity, episodes]) =>
    groupMessages(episodes, {
      wait: minutes(severity === 'critical' ? people.critical_wait : people.wait),
      interval: minutes(people.interval),
    }),
  );
  return {
    messages: told.flatMap(({ messages }) => messages).sort((a, b) => a.sent - b.sent),
    untold: told.flatMap(({ untold }) => untold),
  };
}

function minutes(duration: string): number {
  return Math.ceil(durationSeconds(duration) / 60);
}

function groupMessages(
  episodes: readonly Episode[],
  { wait, interval }: { wait: number; interval: number },
): Told {
  const messages: Message[] = [];
  const seen = new Set<Episode>();
  let left = [...episodes].sort((a, b) => a.from - b.from);
  for (let first = left[0]; first; first = left[0]) {
    let told = new Set<string>();
    let sent = first.from + wait;
    for (let begun = false; !begun || told.size > 0; sent += interval) {
      const now = left.filter(({ from, to }) => from <= sent && sent < to);
      const fresh = now.filter((episode) => !told.has(identity(episode)));
      for (const episode of now) seen.add(episode);
      for (const [alert, parts] of Map.groupBy(fresh, ({ alert }) => alert)) {
        messages.push({ alert, sent, parts });
      }
      told = new Set(now.map(identity));
      begun = true;
    }
    // The group is gone with the look that found nothing.
    const over = sent - interval;
    left = left.filter(({ from }) => from > over);
  }
  return { messages, untold: episodes.filter((episode) => !seen.has(episode)) };
}

function identity({ alert, labels }: Episode): string {
  return `${alert} ${labelKey(labels)}`;
}
