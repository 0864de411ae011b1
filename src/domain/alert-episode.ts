import type { ReceivedAlert, StoredAlert } from './alert.ts';

/**
 * How long after the end of an episode was told "it fires" of the same episode is taken for a call that was
 * overtaken: by another Alertmanager's, or in a queue. After that it fires again, or still: an Alertmanager that
 * Prometheus could not reach says "resolved" of what goes on.
 */
export const overtakenSeconds = 120;

/** What a delivery makes of an alert: its status and its episode. */
export type Episode = Pick<StoredAlert, 'status' | 'starts_at' | 'ends_at' | 'deliveries'>;

/**
 * The alert's episode after this delivery; undefined if it says nothing new. Calls come late, twice, out of order, and
 * from several Alertmanagers, each with a start of its own: what overlaps is one episode, and its start stays the one
 * that was told first, since it is known by that. Times of the senders are compared with each other, and with ours
 * (`now`, in milliseconds) only where they say nothing.
 */
export function episodeAfter(
  known: StoredAlert | undefined,
  { status, starts_at, ends_at }: ReceivedAlert,
  now: number,
): Episode | undefined {
  if (!known || begunAfter(known, starts_at)) {
    return { status, starts_at, ends_at, deliveries: status === 'firing' ? 1 : 0 };
  }
  const { starts_at: begun, deliveries } = known;
  if (status === 'resolved') {
    // An end that lies before the episode began is that of an earlier one.
    const isEarlier = at(ends_at ?? starts_at) < at(begun);
    if (known.status === 'resolved' || isEarlier) return undefined;
    return { status, starts_at: begun, ends_at, deliveries };
  }
  const overtaken = now - at(known.received_at) <= overtakenSeconds * 1000;
  if (known.status === 'resolved' && overtaken) return undefined;
  return { status, starts_at: begun, deliveries: deliveries + 1 };
}

/** Whether what started then is another episode: after the end of the known one, or after we were last told of it. */
function begunAfter(known: StoredAlert, starts_at: string): boolean {
  const last = known.status === 'resolved' ? (known.ends_at ?? known.starts_at) : known.received_at;
  return at(starts_at) > Math.max(at(last), at(known.starts_at));
}

function at(time: string): number {
  return Date.parse(time);
}
