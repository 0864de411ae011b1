/** Where the time comes from; a parameter everywhere, so that tests own it. Milliseconds since the epoch. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** RFC 3339 in UTC with milliseconds: the form of every time that leaves Andon. */
export function toRfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
