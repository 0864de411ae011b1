import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryTime } from './retry-time.ts';

const now = Date.parse('2026-08-19T10:00:00Z');
const read = (text: string, timeZone = 'UTC') => {
  const time = retryTime(text, now, timeZone);
  return time === undefined ? undefined : new Date(time).toISOString().replace(':00.000Z', 'Z');
};

describe('when a limit ends', () => {
  it.each([
    ["You've hit your session limit · resets 12:20pm", '2026-08-19T12:20Z'],
    ["You've hit your session limit · resets 9am", '2026-08-20T09:00Z'],
    ["You've hit your session limit · resets 12:50am", '2026-08-20T00:50Z'],
    ["You've hit your session limit · resets 12pm", '2026-08-19T12:00Z'],
    ["You've hit your session limit · resets 3pm (America/Bogota)", '2026-08-19T20:00Z'],
    ["You've hit your session limit · resets 3:20am (Asia/Calcutta)", '2026-08-19T21:50Z'],
    ["You've hit your limit · resets Aug 23 at 4pm (America/Recife)", '2026-08-23T19:00Z'],
    ['Weekly limit reached · resets Oct 5, 3pm (Nowhere/Else)', '2026-10-05T15:00Z'],
    ['limit · resets Jan 2 at 1am', '2027-01-02T01:00Z'],
    ['Claude AI usage limit reached|1787234400', '2026-08-20T14:00Z'],
    ['resets_at: 1787234400', '2026-08-20T14:00Z'],
    ['{"resets_at":1787234400,"resets_in_seconds":13872}', '2026-08-20T14:00Z'],
    ['{"resets_in_seconds":3600}', '2026-08-19T11:00Z'],
    ['or try again at Aug 20th, 2026 11:50 AM.', '2026-08-20T11:50Z'],
    ['or try again at Sep 1st, 2026 12:05 AM.', '2026-09-01T00:05Z'],
    [' Try again at 3:28 PM.', '2026-08-19T15:28Z'],
    ['or try again in 3 days 6 hours 57 minutes.', '2026-08-22T16:57Z'],
    ['or try again in 1 day and 1 minute.', '2026-08-20T10:01Z'],
    ['Try again Aug 21.', '2026-08-21T00:00Z'],
    ['Your quota will reset after 19h14m0s.', '2026-08-20T05:14Z'],
    ['Please retry in 60.0s.', '2026-08-19T10:01Z'],
    ['"retryDelay":"120s"', '2026-08-19T10:02Z'],
    ['will reset when your monthly cycle ends on 9/17/2026.', '2026-09-17T00:00Z'],
    ['You will regain access on 2026-09-01 at 00:00 UTC.', '2026-09-01T00:00Z'],
    ['access paused. Resets 2026-08-21', '2026-08-21T00:00Z'],
    ['Your usage limits will reset when your monthly cycle\nends on\n9/17/2026.', '2026-09-17T00:00Z'],
    ['It will reset in 5 hours 23 minutes. To continue', '2026-08-19T15:23Z'],
    ['Free usage exceeded [retrying in 20h 30m]', '2026-08-20T06:30Z'],
    ['Retry-After: 120', '2026-08-19T10:02Z'],
    ['retry-after: Thu, 20 Aug 2026 07:28:00 GMT', '2026-08-20T07:28Z'],
    ['The limit resets at 2026-08-20T01:02:00Z', '2026-08-20T01:02Z'],
    ['Access resets at 14:30.', '2026-08-19T14:30Z'],
    ['Access resets at 14:30 UTC', '2026-08-19T14:30Z'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('is local time where no zone is named', () => {
    expect(read('resets 12:20pm', 'Europe/Berlin')).toBe('2026-08-19T10:20Z');
    expect(read('try again at Aug 20th, 2026 11:50 AM.', 'America/New_York')).toBe('2026-08-20T15:50Z');
    // Winter time has begun by then.
    expect(read('resets Nov 5 at 4pm', 'Europe/Berlin')).toBe('2026-11-05T15:00Z');
  });

  it('has just come, and is not tomorrow', () => {
    expect(read('resets 9:50am')).toBe('2026-08-19T09:50Z');
  });

  it.each([
    'Rate limit exceeded. Please try again later.',
    'or try again later.',
    'We reset your password at dawn',
    'resets 99:99pm',
    'resets 0pm',
    'try again at 31/31/2026',
    'exceeded retry limit, last status: 429 Too Many Requests',
    'Selected model is at capacity. Please try a different model.',
    '',
  ])('is not known from: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is a time that can be written, whatever the words', () => {
    const words = fc.constantFrom(
      'resets ',
      'try again in ',
      'retry-after: ',
      'resets_at: ',
      'limit reached|',
    );
    const rest = fc.oneof(fc.string(), fc.stringMatching(/^[\d :/.apmdhsAug,()ThZ-]{0,40}$/));
    fc.assert(
      fc.property(
        words,
        rest,
        fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/New_York'),
        (lead, text, zone) => {
          const time = retryTime(lead + text, now, zone);
          if (time !== undefined) expect(() => new Date(time).toISOString()).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });
});
