import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadPriceFile } from './price-file.ts';

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-prices-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'prices.yaml');
  writeFileSync(path, text);
  return path;
}

const none = { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0 };
const use = (model: string, usage: Partial<typeof none>, at = '2026-03-02T09:00:00Z') => ({
  model,
  ...none,
  ...usage,
  at: new Date(at),
});

const table = `
prices:
  - { model: house-model, input: 2, cache_read: 0.5, cache_write: 4, output: 8 }
  - { model: house-model, from: 2026-03-01, input: 1, cache_read: 0.25, cache_write: 2, output: 4 }
  - { model: house-model, from: 2026-04-01T12:00:00+02:00, input: 10, output: 10 }
  - { model: 'local/*', input: 0, cache_read: 0, cache_write: 0, output: 0 }
  - { model: '*', from: 2026-01-01, input: 100, output: 100 }
`;

test('a cost is the sum over the kinds of tokens, by hand', () => {
  const { costOf } = loadPriceFile(fileOf(table));
  const usage = { input_uncached: 1000, cache_read: 2000, cache_write: 3000, output: 4000 };
  const before = '2026-02-28T23:59:59Z';
  expect(costOf(use('house-model', usage, before))).toBeCloseTo(0.002 + 0.001 + 0.012 + 0.032, 12);
  expect(costOf(use('house-model', usage))).toBeCloseTo(0.001 + 0.0005 + 0.006 + 0.016, 12);
});

test('the entry in force is the newest by then, to the second', () => {
  const { costOf } = loadPriceFile(fileOf(table));
  const million = { input_uncached: 1e6 };
  expect(costOf(use('house-model', million, '2026-03-01T00:00:00Z'))).toBe(1);
  expect(costOf(use('house-model', million, '2026-04-01T09:59:59Z'))).toBe(1);
  expect(costOf(use('house-model', million, '2026-04-01T10:00:00Z'))).toBe(10);
});

test('the first pattern that matches and holds is taken; names match as they ran, folded, in any case', () => {
  const { costOf } = loadPriceFile(fileOf(table));
  const million = { input_uncached: 1e6 };
  expect(costOf(use('House-Model-20260105[1m]', million))).toBe(1);
  expect(costOf(use('local/llama', million))).toBe(0);
  expect(costOf(use('anything', million))).toBe(100);
  expect(costOf(use('anything', million, '2025-12-31T23:00:00Z'))).toBeUndefined();
  expect(costOf(use('house-modelling', million))).toBe(100);
});

test('what is no model’s name is matched by itself alone', () => {
  const million = { input_uncached: 1e6 };
  expect(loadPriceFile(fileOf(table)).costOf(use('Auto', million))).toBeUndefined();
  const named = fileOf('prices: [{ model: auto, input: 3, output: 9 }]');
  expect(loadPriceFile(named).costOf(use('Auto', million))).toBe(3);
});

test('a kind of token without a price is unknown, not free', () => {
  const { costOf } = loadPriceFile(fileOf(table));
  const at = '2026-05-01T00:00:00Z';
  expect(costOf(use('house-model', { input_uncached: 10, cache_read: 1 }, at))).toBeUndefined();
  expect(costOf(use('house-model', { input_uncached: 10, output: 10 }, at))).toBeCloseTo(0.0002, 12);
});

test.each([
  ['a name that is a regular expression', 'prices: [{ model: "a.b(", input: 1, output: 1 }]', undefined],
  ['a negative price', 'prices: [{ model: x, input: -1, output: 1 }]', 'prices.0.input'],
  ['no output price', 'prices: [{ model: x, input: 1 }]', 'prices.0.output'],
  ['a member that there is not', 'prices: [{ model: x, input: 1, output: 1, cached: 2 }]', 'prices.0'],
  ['a date that is none', 'prices: [{ model: x, from: 2026-02-31, input: 1, output: 1 }]', 'prices.0.from'],
  [
    'two prices from one day',
    'prices: [{ model: x, input: 1, output: 1 }, { model: X, input: 2, output: 1 }]',
    'prices.1',
  ],
  ['no list', 'prices: 3', 'prices'],
  ['nothing', '', 'file'],
  ['no YAML', 'prices: [', 'cannot read'],
])('%s', (_name, text, wrong) => {
  const path = fileOf(text);
  if (wrong === undefined) expect(loadPriceFile(path)).toBeDefined();
  else {
    const load = () => loadPriceFile(path);
    expect(load).toThrow(path);
    expect(load).toThrow(wrong);
    expect(load).toThrow(expect.objectContaining({ code: 'invalid' }));
  }
});

test('a file that is not there is named', () => {
  expect(() => loadPriceFile('/nowhere/prices.yaml')).toThrow('/nowhere/prices.yaml');
});
