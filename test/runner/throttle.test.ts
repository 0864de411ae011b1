import { expect, it, vi } from 'vitest';
import type { ClaimAnswer } from '../../src/domain/attempt.ts';
import type { BudgetState } from '../../src/domain/budget.ts';
import { createServiceClient, type ServiceClient } from '../../src/runner/service-client.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { standInBench } from './runner-under-test.ts';

const shop: BudgetState = {
  project: 'shop',
  limit_usd: 10,
  spent_usd: 12.3,
  unpriced_attempts: 2,
  exceeded: true,
  throttled: true,
  resumes_at: '2026-08-02T14:05:00.000Z',
};
const all: BudgetState = { ...shop, project: undefined, limit_usd: 50, spent_usd: 50, unpriced_attempts: 0 };

/** A service whose spent budgets a test decides. */
async function throttling(budgets: BudgetState[]) {
  const made = await standInBench();
  const inner = createServiceClient({ url: made.service.url });
  const answers = { budgets };
  const client: ServiceClient = {
    ...inner,
    async claim(request) {
      const answer = await inner.claim(request);
      const { budgets: throttled } = answers;
      if (throttled.length === 0) return answer;
      const reason = answer.tasks.length > 0 ? undefined : 'throttled';
      return { ...answer, throttled, reason } satisfies ClaimAnswer;
    },
  };
  return { ...made, client, answers };
}

it('a throttle is told once, polled through, and its end is told once', async () => {
  const { service, client, start, log, measured, answers } = await throttling([shop]);
  const said = () => log.map(({ msg }) => msg).filter((msg) => /tasks back|handed out/.test(msg));
  const polls = (count: number) => {
    const from = service.claims.length;
    return vi.waitFor(() => expect(service.claims.length).toBeGreaterThan(from + count), 5000);
  };
  start({ client, workers: 1 });
  await polls(5);
  const ofShop =
    'only critical tasks are handed out: project shop has spent $12.30 of $10 in 24 h, and 2 attempts have no price';
  expect(said()).toEqual([ofShop]);
  expect(measured.claims.throttled).toBeGreaterThan(3);
  expect(measured.claims.empty).toBeUndefined();

  // A critical one, and more that is spent of the same.
  service.queue = [shellTask('true', { critical: true })];
  answers.budgets = [{ ...shop, spent_usd: 13 }];
  await vi.waitFor(() => expect(service.finishes).toHaveLength(1), 5000);
  await polls(2);
  expect(said()).toEqual([ofShop]);

  answers.budgets = [shop, all];
  await polls(2);
  const ofAll = 'only critical tasks are handed out: all projects together have spent $50 of $50 in 24 h';
  expect(said()).toEqual([ofShop, ofAll]);

  answers.budgets = [];
  await polls(2);
  expect(said()).toEqual([ofShop, ofAll, 'no budget holds tasks back any more']);
});

it('with `once` it ends, and has said why', async () => {
  const { client, start, log } = await throttling([shop]);
  await start({ client, once: true }).done;
  expect(log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('project shop has spent'));
});
