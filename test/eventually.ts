import { vi } from 'vitest';

/** Answers what `check` does once it no longer throws; fails with what it last threw. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  // Long, for a machine that others load too; a test that passes does not wait for it.
  return vi.waitFor(check, { timeout: 15_000, interval: 10 });
}
