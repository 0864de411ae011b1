import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { apiClientFor } from '../../src/app/api-client.ts';
import { createService } from '../../src/app/service.ts';
import { repriceAll } from '../../src/cli/reprice-pages.ts';
import { parseConfig } from '../../src/config.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { RepriceResult } from '../../src/pricing/reprice.ts';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const usage = { input_uncached: 1_000_000, cache_read: 0, cache_write: 0, output: 0 };
const report = (changes: object = {}) => ({
  task_id: 'ci-1',
  task_type: 'impl',
  executor: 'codex',
  model: 'gpt-5',
  duration_seconds: 52,
  status: 'completed',
  billing: 'metered',
  usage,
  ...changes,
});

const usageOf = async ({ get }: ServiceUnderTest) =>
  ((await get('/api/agent/metrics')).body as { usage: object }).usage;

function priceFile(...prices: object[]): string {
  const path = join(temporaryFolder(), 'prices.yaml');
  writeFileSync(path, JSON.stringify({ prices }));
  return path;
}

/** What `/metrics` says of money, line by line. */
const exportedCosts = async ({ get }: ServiceUnderTest) =>
  (await get('/metrics')).text.split('\n').filter((line) => /^agent_task_(cost|unpriced)/.test(line));

test('what is reported without a cost is priced, and unknown is unpriced, never $0', async () => {
  const service = await serviceUnderTest();
  await service.send('POST', '/api/agent/metrics', [
    report(),
    report({ task_id: 'notional', billing: 'subscription' }),
    report({ task_id: 'own', cost_usd: 7 }),
    report({ task_id: 'unknown', model: 'Auto', executor: 'cursor' }),
  ]);
  expect(await usageOf(service)).toMatchObject({
    cost_usd: 8.25,
    notional_cost_usd: 1.25,
    unpriced_attempts: 1,
    attempts_without_usage: 0,
  });
});

test('only the unknown: no cost at all', async () => {
  const service = await serviceUnderTest();
  await service.send('POST', '/api/agent/metrics', report({ model: 'composer-1', executor: 'cursor' }));
  expect(await usageOf(service)).toMatchObject({ cost_usd: null, unpriced_attempts: 1 });
});

test('an attempt of a task is priced when it ends, by the models that it ran on', async () => {
  const service = await serviceUnderTest();
  const { send, get } = service;
  await send('POST', '/api/agent/tasks', { id: 't', direction: 'x', task_type: 'impl', executor: 'codex' });
  const claimed = await send('POST', '/api/agent/tasks/claim', {
    runner: 'r1',
    executors: ['codex'],
    free_workers: 1,
  });
  const [{ lease_token = '', attempt = 0 } = {}] = (
    claimed.body as { tasks: { lease_token: string; attempt: number }[] }
  ).tasks;
  const usage_by_model = [
    { model: 'gpt-5', ...usage },
    { model: 'gpt-5.1-codex', ...usage },
  ];
  await send('POST', '/api/agent/tasks/t/finish', {
    lease_token,
    attempt,
    outcome: { status: 'completed', duration_seconds: 1, usage_by_model, billing: 'metered' },
  });
  expect((await get('/api/agent/tasks/t')).body).toMatchObject({ attempts: [{ cost_usd: 2.5 }] });
});

test('the override file goes before the public prices, with the price of that day', async () => {
  const prices_file = priceFile(
    { model: 'gpt-*', input: 10, output: 10 },
    { model: 'gpt-*', from: '2026-03-01', input: 3, output: 3 },
  );
  const service = await serviceUnderTest({ prices_file });
  await service.send('POST', '/api/agent/metrics', [
    report({ created_at: '2026-02-28T23:00:00Z' }),
    report({ task_id: 'later', created_at: '2026-03-01T00:00:00Z' }),
  ]);
  const { body } = await service.get('/api/agent/metrics?from=2026-01-01T00:00:00Z&to=2026-04-01T00:00:00Z');
  expect(body).toMatchObject({ usage: { cost_usd: 13 } });
});

test('a file of prices that cannot be used stops the start, and says where it is wrong', async () => {
  const settings = (prices_file: string) =>
    parseConfig({ data_dir: temporaryFolder(), service: { port: 0 }, prices_file });
  const start = (path: string) => createService(settings(path), pino({ level: 'silent' }));
  await expect(start('/nowhere/prices.yaml')).rejects.toThrow('/nowhere/prices.yaml');
  await expect(start(priceFile({ model: 'x', input: 'free' }))).rejects.toThrow('prices.0.input');
});

test('a better table prices the past again: told first, then stored; counters do not move', async () => {
  const data_dir = temporaryFolder();
  const before = await serviceUnderTest({ data_dir });
  await before.send('POST', '/api/agent/metrics', [
    report(),
    report({ task_id: 'house', model: 'house-1[1m]' }),
    report({ task_id: 'reported', cost_usd: 100 }),
    report({ task_id: 'unknown', model: 'Auto' }),
    report({ task_id: 'no-usage', usage: undefined }),
  ]);
  expect(await usageOf(before)).toMatchObject({ cost_usd: 101.25, unpriced_attempts: 3 });
  await before.close();

  const prices_file = priceFile(
    { model: 'house-*', input: 4, output: 4 },
    { model: 'gpt-5', input: 1, output: 1 },
  );
  const service = await serviceUnderTest({ data_dir, prices_file });
  const costs = await exportedCosts(service);
  const reprice = (body: object, options: object = { admin: true }) =>
    service.send('POST', '/api/agent/reprice', body, options);
  const since = '2020-01-01T00:00:00Z';
  expect((await reprice({ since }, {})).status).toBe(401);
  expect((await reprice({})).status).toBe(400);
  const told = await reprice({ since });
  expect(told.body).toEqual({
    dry_run: true,
    examined: 3,
    changed: 2,
    before_usd: 1.25,
    after_usd: 5,
    unpriced_before: 2,
    unpriced_after: 1,
    by_model: {
      'gpt-5': {
        examined: 1,
        changed: 1,
        before_usd: 1.25,
        after_usd: 1,
        unpriced_before: 0,
        unpriced_after: 0,
      },
      'house-1': {
        examined: 1,
        changed: 1,
        before_usd: null,
        after_usd: 4,
        unpriced_before: 1,
        unpriced_after: 0,
      },
      Auto: {
        examined: 1,
        changed: 0,
        before_usd: null,
        after_usd: null,
        unpriced_before: 1,
        unpriced_after: 1,
      },
    },
    next_cursor: null,
  });
  expect(await usageOf(service)).toMatchObject({ cost_usd: 101.25, unpriced_attempts: 3 });
  expect((await reprice({ since: '2999-01-01T00:00:00Z', dry_run: false })).body).toMatchObject({
    examined: 0,
  });

  expect((await reprice({ since, dry_run: false })).body).toMatchObject({ dry_run: false, changed: 2 });
  expect(await usageOf(service)).toMatchObject({ cost_usd: 105, unpriced_attempts: 2 });
  expect((await reprice({ since, dry_run: false })).body).toMatchObject({ examined: 3, changed: 0 });
  expect(costs.length).toBeGreaterThan(0);
  expect(await exportedCosts(service)).toEqual(costs);
});

/** A service with so many unpriced runs, and by now a price for them: $1 each. */
async function withHistory(count: number): Promise<ServiceUnderTest> {
  const data_dir = temporaryFolder();
  const before = await serviceUnderTest({ data_dir });
  const many = Array.from({ length: count }, (_, i) => report({ task_id: `t${i}`, model: 'house' }));
  const sent = await before.send('POST', '/api/agent/metrics', many);
  expect(sent.body).toMatchObject({ recorded: count });
  await before.close();
  return serviceUnderTest({ data_dir, prices_file: priceFile({ model: 'house', input: 1, output: 1 }) });
}

test('a call goes over so many outcomes, and tells where the next one goes on', async () => {
  const service = await withHistory(1201);
  const body = { since: '2020-01-01T00:00:00Z', dry_run: false, limit: 700 };
  const first = await service.send('POST', '/api/agent/reprice', body, { admin: true });
  expect(first.body).toMatchObject({ examined: 700, changed: 700, after_usd: 700, before_usd: null });
  expect(await usageOf(service)).toMatchObject({ cost_usd: 700, unpriced_attempts: 501 });
  const { next_cursor } = first.body as RepriceResult;
  const rest = { ...body, cursor: next_cursor };
  const second = await service.send('POST', '/api/agent/reprice', rest, { admin: true });
  expect(second.body).toMatchObject({ examined: 501, changed: 501, next_cursor: null });
  expect(await usageOf(service)).toMatchObject({ cost_usd: 1201, unpriced_attempts: 0 });
  const wrong = { ...body, cursor: 'nonsense' };
  expect(await service.send('POST', '/api/agent/reprice', wrong, { admin: true })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/cursor' }] },
  });
});

test('the command goes over all pages, and after an interruption does the rest', async () => {
  const service = await withHistory(1201);
  const api = apiClientFor(service.url, () => service.adminToken);
  const request = { since: '2020-01-01T00:00:00Z', dry_run: false };
  const progress: number[] = [];
  const pages = (answersBeforeItIsGone: number) => ({
    post: async <T>(path: string, body: object, schema: z.ZodType<T>) => {
      if (answersBeforeItIsGone-- === 0) throw new AppError('unavailable', 'no service answers');
      return api.post(path, { ...body, limit: 500 }, schema);
    },
  });
  const all = (answers: number) => repriceAll(pages(answers), request, (examined) => progress.push(examined));
  await expect(all(2)).rejects.toMatchObject({
    code: 'unavailable',
    message:
      'no service answers (after 1000 runs, of which 1000 have a new cost now: the same command does the rest)',
  });
  expect(await all(9)).toEqual({
    dry_run: false,
    examined: 1201,
    changed: 201,
    before_usd: 1000,
    after_usd: 1201,
    unpriced_before: 201,
    unpriced_after: 0,
    by_model: { house: expect.objectContaining({ examined: 1201, changed: 201, before_usd: 1000 }) },
    next_cursor: null,
  });
  expect(progress).toEqual([500, 1000, 500, 1000, 1201]);
});

test('the example of the decision record can be used', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/decisions/0011-prices.md'), 'utf8');
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const prices_file = join(temporaryFolder(), 'prices.yaml');
  writeFileSync(prices_file, example);
  await serviceUnderTest({ prices_file });
});
