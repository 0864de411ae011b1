import { z } from 'zod';

/** A Prometheus duration such as `30s`, `10m` or `6h`. */
export const promDuration = z.string().regex(/^\d+(ms|s|m|h|d)$/, 'must be a duration like 30s, 10m or 6h');

/** A Prometheus duration in seconds. */
export function durationSeconds(duration: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  const secondsOf: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  return Number(amount) * (secondsOf[unit ?? ''] ?? Number.NaN);
}
