import { expect, test } from 'vitest';
import { WeightedCache } from './weighted-cache.ts';

test('what was used last is kept, up to the weight', () => {
  const cache = new WeightedCache<string>(10);
  cache.set('a', '1', 'A', 4);
  cache.set('b', '1', 'B', 4);
  expect(cache.get('a', '1')).toBe('A');
  cache.set('c', '1', 'C', 4);
  expect([cache.get('a', '1'), cache.get('b', '1'), cache.get('c', '1')]).toEqual(['A', undefined, 'C']);
  cache.set('huge', '1', 'H', 11);
  expect([cache.get('huge', '1'), cache.get('c', '1')]).toEqual([undefined, 'C']);
});

test('an entry is of one version, and a newer one takes its place and its weight', () => {
  const cache = new WeightedCache<string>(10);
  cache.set('a', '1', 'old', 9);
  expect(cache.get('a', '2')).toBeUndefined();
  cache.set('a', '2', 'new', 2);
  cache.set('b', '1', 'B', 8);
  expect([cache.get('a', '2'), cache.get('b', '1')]).toEqual(['new', 'B']);
});
