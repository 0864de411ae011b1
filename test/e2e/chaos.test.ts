import { expect, test } from 'vitest';
import { runnerChaos } from '../chaos/runner-chaos.ts';

// The long form is `npm run test:chaos -- runner`. Not retried: one run that loses something is one too many.
test('killed at any moment, service and runner bring every task to its end, once, and leave nothing', {
  retry: 0,
  timeout: 240_000,
}, async () => {
  const seed = Date.now() % 1_000_000;
  const { problems, figures, folder } = await runnerChaos({
    tasks: 100,
    kills: 2,
    longestAwaySeconds: 1,
    seed,
    withinSeconds: 150,
  });
  expect(problems, `seed ${seed}, see ${folder}`).toEqual([]);
  expect(figures).toMatchObject({
    'tasks completed': 81,
    'tasks failed': 14,
    'tasks over budget': 5,
    'kills of the service': 2,
    'kills of the runner': 2,
  });
});
