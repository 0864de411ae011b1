import { expect, test } from 'vitest';
import { ageOf, costText, durationText, timeOf, tokensText, usdText } from './figures.ts';

test('durations in two units at most', () => {
  const texts = [0, 0.84, 9.96, 45, 59.6, 60, 125, 3600, 11_520, 90_000, 187_200].map(durationText);
  expect(texts).toEqual([
    '0 s',
    '0.8 s',
    '10 s',
    '45 s',
    '1 min',
    '1 min',
    '2 min 5 s',
    '1 h',
    '3 h 12 min',
    '1 d 1 h',
    '2 d 4 h',
  ]);
});

test('a time as it was, and how long ago or ahead', () => {
  const now = Date.parse('2026-03-02T09:00:00Z');
  const shown = String(timeOf('2026-03-02T08:54:40.123Z', now));
  expect(shown).toContain('datetime="2026-03-02T08:54:40.123Z"');
  expect(shown).toContain('2026-03-02 08:54:40 UTC');
  expect(shown).toContain('(5 min ago)');
  expect(String(ageOf('2026-03-02T11:30:00Z', now))).toContain('>in 2 h<');
  expect(String(ageOf('2026-03-02T09:00:00.400Z', now))).toContain('>now<');
});

test('money is never rounded to nothing, and what nobody knows is no money', () => {
  expect([0, 0.00001, 0.0042, 0.5, 1.5, 1234.567].map(usdText)).toEqual([
    '$0.00',
    'under $0.0001',
    '$0.0042',
    '$0.50',
    '$1.50',
    '$1,234.57',
  ]);
  const cost = (of: object) => costText({ usage_state: 'terminal', ...of });
  expect(cost({ cost_usd: 2, cost_source: 'reported', billing: 'subscription' })).toBe('$2.00 notional');
  expect(cost({ cost_source: 'unpriced' })).toBe('unknown (no price)');
  expect(cost({ cost_source: 'unpriced', usage_state: 'none' })).toBe('unknown (no usage told)');
  expect(cost({ cost_source: 'none' })).toBe('none');
  expect(cost({})).toBe('');
});

test('tokens exactly while they are few', () => {
  expect([0, 12_345, 1_403_200].map(tokensText)).toEqual(['0', '12,345', '1.4M']);
});
