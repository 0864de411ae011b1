import { expect, test } from 'vitest';
import { holdAfter } from './executor-hold.ts';

const now = Date.parse('2026-03-02T09:00:00Z');
const backoff = { first_seconds: 30, longest_seconds: 3600 };
const end = { executor: 'codex', runner: 'r1' };
const until = (holdsBefore: number, retry_at?: string) =>
  holdAfter({ ...end, error_class: 'rate_limited', retry_at }, { now, backoff, holdsBefore })?.until;

test('a limit pauses until the time that it names, at most a week', () => {
  expect(until(0, '2026-03-02T13:30:00+01:00')).toBe('2026-03-02T12:30:00.000Z');
  expect(until(0, '2027-01-01T00:00:00Z')).toBe('2026-03-09T09:00:00.000Z');
});

test.each([undefined, '2026-03-02T08:00:00Z', 'soon'])('a limit that names %s is waited out', (named) => {
  expect(until(0, named)).toBe('2026-03-02T09:00:30.000Z');
  expect(until(1, named)).toBe('2026-03-02T09:01:00.000Z');
  expect(until(50, named)).toBe('2026-03-02T10:00:00.000Z');
});

test('a provider is not asked again at once, also where tasks are tried again at once', () => {
  const none = { first_seconds: 0, longest_seconds: 0 };
  const pause = (holdsBefore: number) =>
    holdAfter({ ...end, error_class: 'overloaded' }, { now, backoff: none, holdsBefore })?.until;
  expect([0, 1, 4, 50].map(pause)).toEqual([
    '2026-03-02T09:00:01.000Z',
    '2026-03-02T09:00:02.000Z',
    '2026-03-02T09:00:16.000Z',
    '2026-03-02T09:01:00.000Z',
  ]);
});

test('a fault of the set-up closes the executor for its runner; a probe counts at once only the first time', () => {
  const closed = (holdsBefore: number) =>
    holdAfter({ ...end, error_class: 'auth', error_message: 'log in' }, { now, backoff, holdsBefore });
  expect(closed(0)).toEqual({
    executor: 'codex',
    runner: 'r1',
    state: 'closed',
    reason: 'auth: log in',
    since: '2026-03-02T09:00:00.000Z',
  });
  expect(closed(1)?.until).toBe('2026-03-02T09:00:30.000Z');
  expect(closed(3)?.until).toBe('2026-03-02T09:02:00.000Z');
});

test.each(['timeout', 'verify_failed', 'budget', 'lost', undefined] as const)(
  '%s holds nothing',
  (error_class) => {
    expect(holdAfter({ ...end, error_class }, { now, backoff, holdsBefore: 0 })).toBeUndefined();
  },
);
