import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelUsage, normalizeOutcome, outcomeReport } from '../domain/outcome.ts';
import { priceFileTable } from './price-file.ts';
import { priceOutcome } from './price-outcome.ts';
import { publicPrices } from './public-prices.ts';

const house = priceFileTable({
  prices: [{ model: 'house-*', input: 1, cache_read: 1, cache_write: 1, output: 1 }],
});
const tables = [house, publicPrices];

const metricOf = (changes: object) =>
  normalizeOutcome(
    outcomeReport.parse({
      task_id: 't',
      task_type: 'impl',
      executor: 'codex',
      duration_seconds: 1,
      status: 'completed',
      ...changes,
    }),
    '2026-03-02T09:00:00Z',
  );
const row = (model: string, changes: Partial<ModelUsage> = {}): ModelUsage => ({
  model,
  input_uncached: 1e6,
  cache_read: 0,
  cache_write: 0,
  output: 0,
  ...changes,
});
const price = (changes: object) => priceOutcome(metricOf(changes), tables);
const { model: _, ...usage } = row('');

test('a cost that was reported stands', () => {
  const metric = metricOf({ model: 'gpt-5', usage, cost_usd: 9 });
  expect(priceOutcome(metric, tables)).toBe(metric);
  const sum = metricOf({ usage_by_model: [row('gpt-5', { cost_usd: 2 }), row('x', { cost_usd: 3 })] });
  expect(priceOutcome(sum, tables)).toMatchObject({ cost_usd: 5, cost_source: 'reported' });
  const foreign = metricOf({ model: 'gpt-5', usage, cost_usd: 9, cost_source: 'computed' });
  expect(priceOutcome(foreign, tables)).toBe(foreign);
});

test('usage by model is priced model by model, totals by the outcome’s model', () => {
  expect(price({ usage_by_model: [row('gpt-5'), row('house-1')], model: 'whatever' })).toMatchObject({
    cost_usd: 2.25,
    cost_source: 'computed',
    priced_by: ['genai_prices', 'prices_file'],
  });
  expect(price({ usage, model: 'gpt-5' })).toMatchObject({ cost_usd: 1.25, priced_by: ['genai_prices'] });
});

test('the override file goes first', () => {
  const own = priceFileTable({ prices: [{ model: 'gpt-5', input: 7, output: 7 }] });
  expect(priceOutcome(metricOf({ usage, model: 'gpt-5' }), [own, publicPrices])).toMatchObject({
    cost_usd: 7,
    priced_by: ['prices_file'],
  });
});

test('one model without a price leaves the whole unpriced', () => {
  const metric = price({ usage_by_model: [row('gpt-5'), row('composer-1')] });
  expect(metric.cost_source).toBe('unpriced');
  expect(metric).not.toHaveProperty('cost_usd');
});

test('a model that reported its own cost needs no price, and one that was not used neither', () => {
  expect(price({ usage_by_model: [row('composer-1', { cost_usd: 2 }), row('gpt-5')] })).toMatchObject({
    cost_usd: 3.25,
    cost_source: 'computed',
  });
  expect(price({ usage_by_model: [row('composer-1', { input_uncached: 0 }), row('gpt-5')] })).toMatchObject({
    cost_usd: 1.25,
  });
});

test('nothing used, or nothing known, is not $0', () => {
  for (const changes of [{}, { usage: { ...usage, input_uncached: 0 } }, { usage_state: 'none' }]) {
    const metric = price({ model: 'gpt-5', ...changes });
    expect(metric.cost_source).toBe('unpriced');
    expect(metric.cost_usd).toBeUndefined();
  }
});

test('who calls no model has no cost', () => {
  expect(price({ executor: 'shell', model: 'none' })).toMatchObject({ cost_source: 'none' });
});

test.each(['metered', 'subscription', 'unknown'])('%s billing stays', (billing) => {
  expect(price({ usage, model: 'gpt-5', billing })).toMatchObject({ cost_usd: 1.25, billing });
});

test('pricing again follows the tables, there and back', () => {
  const priced = price({ usage, model: 'house-1' });
  const dearer = priceFileTable({ prices: [{ model: 'house-*', input: 2, output: 2 }] });
  expect(priceOutcome(priced, [dearer])).toMatchObject({ cost_usd: 2 });
  const unknown = priceOutcome(priced, [publicPrices]);
  expect(unknown.cost_source).toBe('unpriced');
  expect(unknown).not.toHaveProperty('cost_usd');
  expect(unknown).not.toHaveProperty('priced_by');
  expect(priceOutcome(unknown, tables)).toEqual(priced);
});

test('whatever was used, a cost is finite and positive, or there is none', () => {
  const tokens = fc.integer({ min: 0, max: 1e12 });
  const names = ['gpt-5', 'claude-opus-5[1m]', 'gemini-2.5-pro', 'house-2', 'Auto', 'x/y', '__proto__'];
  const anyRow = fc.record({
    model: fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[!-~]{1,40}$/)),
    input_uncached: tokens,
    cache_read: tokens,
    cache_write: tokens,
    output: tokens,
  });
  fc.assert(
    fc.property(
      fc.array(anyRow, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 1e6 }),
      (rows, turns) => {
        const metric = { ...metricOf({ usage_by_model: rows }), usage: { ...usage, turns } };
        const { cost_usd, cost_source } = priceOutcome(metric, tables);
        if (cost_source === 'unpriced') expect(cost_usd).toBeUndefined();
        else expect(cost_usd).toBeGreaterThan(0);
        expect(cost_usd ?? 0).toBeLessThan(Number.POSITIVE_INFINITY);
      },
    ),
  );
});
