import { expect, test } from 'vitest';
import { type BudgetState, noThrottle, spentText, throttleOf, untilText, usdText } from './budget.ts';

const budget = { daily_usd: 10, projects: { shop: 4, blog: 4 }, throttle: true, count_notional: false };

test.each([
  ['nothing is spent', {}, [], noThrottle],
  ['less than each limit', { shop: 3.99, blog: 3.99 }, [], noThrottle],
  ['one project’s', { shop: 4 }, [], { all: false, exempt: [], projects: ['shop'] }],
  ['all together, by what has no limit', { other: 10 }, [], { all: true, exempt: [], projects: [] }],
  ['all together and two', { shop: 5, blog: 5 }, [], { all: true, exempt: [], projects: ['blog', 'shop'] }],
  ['an override of one', { shop: 5, blog: 5 }, ['shop'], { all: true, exempt: ['shop'], projects: ['blog'] }],
  ['an override of all', { shop: 5, blog: 5 }, [undefined], noThrottle],
])('what is held back: %s', (_name, spent, overridden, expected) => {
  const overrides = overridden.map((project) => ({ project }));
  expect(throttleOf(budget, new Map(Object.entries(spent)), overrides)).toEqual(expected);
  expect(throttleOf({ ...budget, throttle: false }, new Map(Object.entries(spent)), [])).toEqual(noThrottle);
});

test('amounts as people write them', () => {
  expect([10, 12.3, 0.0125, 9.999].map(usdText)).toEqual(['$10', '$12.30', '$0.0125', '$10.00']);
});

test('a time is never told as earlier than it is, and has its date where it is more than a day ahead', () => {
  const now = Date.parse('2026-03-02T14:05:00Z');
  expect(untilText('2026-03-02T15:04:00.001Z', now)).toBe('15:05 UTC');
  expect(untilText('2026-03-03T14:05:00Z', now)).toBe('14:05 UTC');
  expect(untilText('2026-03-03T14:06:00.001Z', now)).toBe('2026-03-03 14:07 UTC');
});

test('what was spent, and what is not known of it', () => {
  const state: BudgetState = {
    limit_usd: 10,
    spent_usd: 12.3,
    unpriced_attempts: 0,
    exceeded: true,
    throttled: true,
  };
  expect(spentText(state)).toBe('all projects together have spent $12.30 of $10 in 24 h');
  expect(spentText({ ...state, project: 'shop', unpriced_attempts: 1 })).toBe(
    'project shop has spent $12.30 of $10 in 24 h, and 1 attempt has no price',
  );
});
