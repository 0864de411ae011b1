import { expect, test } from 'vitest';
import { mostDependencies, refuseCycle } from './dependency-cycle.ts';
import { AppError } from './errors.ts';

/** What is thrown for a task `new` among these others. */
function refusal(depends_on: string[], others: Record<string, string[]> = {}): AppError | undefined {
  try {
    refuseCycle({ id: 'new', depends_on }, (id) => others[id] ?? []);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

test('what leads nowhere near it may be named, twice and through others', () => {
  expect(refusal([])).toBeUndefined();
  expect(refusal(['a', 'b', 'a', 'not-there'], { a: ['c'], b: ['c'], c: ['d'] })).toBeUndefined();
  expect(refusal(['a'], { a: ['b'], b: ['a'] })).toBeUndefined();
});

test.each([
  [['new'], {}, 'task new depends on itself'],
  [['x', 'a'], { a: ['new'] }, 'task new would wait for itself: new → a → new'],
  [['a'], { a: ['x', 'b'], b: ['c'], c: ['y', 'new'] }, 'new → a → b → c → new'],
])('%j is refused, with the way round', (depends_on, others, said) => {
  const error = refusal(depends_on, others);
  expect(error).toMatchObject({ code: 'invalid', problems: [{ pointer: '/depends_on' }] });
  expect(error?.message).toContain(said);
});

/** `t0` waits for `t1`, and so on; the last one for `last`. */
const chain = (length: number, last: string) =>
  Object.fromEntries(Array.from({ length }, (_, i) => [`t${i}`, [i + 1 < length ? `t${i + 1}` : last]]));

test('a long way round is named by its ends', () => {
  expect(refusal(['t0'], chain(1000, 'new'))?.message).toBe(
    'task new would wait for itself: new → t0 → t1 → t2 → t3 → t4 → … 990 more … → t995 → t996 → t997 → t998 → t999 → new',
  );
});

test('the search is bounded', () => {
  expect(refusal(['t0'], chain(mostDependencies - 1, 'end'))).toBeUndefined();
  expect(refusal(['t0'], chain(mostDependencies + 1, 'end'))).toMatchObject({ code: 'invalid' });
  let asked = 0;
  expect(() =>
    refuseCycle({ id: 'new', depends_on: ['n0'] }, () => {
      asked += 1;
      return Array.from({ length: 100 }, (_, i) => `n${asked}-${i}`);
    }),
  ).toThrow('more than 10000');
  expect(asked).toBeLessThan(200);
});
