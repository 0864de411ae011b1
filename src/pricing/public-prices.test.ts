import { expect, test } from 'vitest';
import { publicPrices } from './public-prices.ts';

const none = { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0 };
const at = new Date('2026-03-02T09:00:00Z');
const cost = (model: string, usage: Partial<typeof none>, more: { at?: Date; calls?: number } = {}) =>
  publicPrices.costOf({ model, ...none, ...usage, at, ...more });

test('the examples of the library’s README', () => {
  expect(cost('gpt-3.5-turbo', { input_uncached: 1000, output: 100 })).toBeCloseTo(0.00065, 10);
  // Its 4740 input tokens hold the 4735 that were written to the cache.
  const cached = { input_uncached: 5, cache_write: 4735, output: 255 };
  expect(cost('claude-sonnet-4-20250514', cached)).toBeCloseTo(0.02159625, 10);
  expect(cost('claude-sonnet-4-20250514', cached)).toBeCloseTo((5 * 3 + 4735 * 3.75 + 255 * 15) / 1e6, 10);
});

test('what OpenCode was seen to report for a run', () => {
  expect(cost('claude-sonnet-4-5', { input_uncached: 3, cache_write: 8076, output: 7 })).toBeCloseTo(
    0.030399,
    9,
  );
});

test('Codex’s tokens, cached ones apart', () => {
  const usage = { input_uncached: 21_109 - 3456, cache_read: 3456, output: 11 };
  expect(cost('gpt-5.1-codex', usage)).toBeCloseTo((17_653 * 1.25 + 3456 * 0.125 + 11 * 10) / 1e6, 10);
});

test.each([
  ['claude-opus-5[1m]', 'claude-opus-5'],
  ['anthropic/claude-opus-5', 'claude-opus-5'],
  ['openai/gpt-5', 'gpt-5'],
  ['GPT-5', 'gpt-5'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
])('%s costs what %s costs', (name, same) => {
  const usage = { input_uncached: 1000, cache_read: 5000, output: 100 };
  expect(cost(name, usage)).toBeGreaterThan(0);
  expect(cost(name, usage)).toBe(cost(same, usage));
});

test.each([
  'default',
  'Auto',
  'auto',
  'unknown',
  'none',
  'other',
  'cursor/auto',
  'cursor/gpt-5',
  'composer-1',
  'gpt-99',
  'opus',
  '',
  '/',
  'anthropic/',
])('%s has no price, and is not free', (name) => {
  expect(cost(name, { input_uncached: 1000, output: 100 })).toBeUndefined();
});

test('a price that rises with the length of a call is not that of an attempt’s sum', () => {
  const usage = { input_uncached: 400_000, cache_read: 3_600_000, output: 20_000 };
  const short = (400_000 * 3 + 3_600_000 * 0.3 + 20_000 * 15) / 1e6;
  expect(cost('claude-sonnet-4-5', usage)).toBeCloseTo(short, 9);
  expect(cost('claude-sonnet-4-5', usage, { calls: 80 })).toBeCloseTo(short, 9);
  const long = (400_000 * 6 + 3_600_000 * 0.6 + 20_000 * 22.5) / 1e6;
  expect(cost('claude-sonnet-4-5', usage, { calls: 10 })).toBeCloseTo(long, 9);
});
