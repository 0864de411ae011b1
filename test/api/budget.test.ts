import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createBudgetWatch } from '../../src/app/budget-watch.ts';
import { type ConfigInput, parseConfig } from '../../src/config.ts';
import type { BudgetStatus } from '../../src/domain/budget.ts';
import type { PipelineStatus } from '../../src/reports/pipeline-status.ts';
import { storeGauges } from '../../src/telemetry/names.ts';
import { sampleMetric } from '../contract/samples.ts';
import { openSqlite } from '../contract/stores.ts';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const noon = Date.parse('2026-03-02T12:00:00Z');
const override = '/api/agent/budget/override';
const ci = 'report-token-0123456789';

/** A service with a clock of its own, which stands still until the test moves it. */
async function serviceAt(budget: ConfigInput['budget'], settings: ConfigInput = {}) {
  let now = noon;
  const service = await serviceUnderTest({ budget, ...settings }, () => now);
  const pass = (seconds: number) => {
    now += seconds * 1000;
  };
  return { ...service, pass };
}

let attempts = 0;
const spend = ({ send }: ServiceUnderTest, cost_usd: number | undefined, changes: object = {}) =>
  send('POST', '/api/agent/metrics', {
    task_id: `spent-${attempts++}`,
    task_type: 'impl',
    project: 'shop',
    executor: 'codex',
    duration_seconds: 5,
    status: 'completed',
    cost_usd,
    ...changes,
  });
const queue = ({ send }: ServiceUnderTest, id: string, changes: object = {}) =>
  send(
    'POST',
    '/api/agent/tasks',
    { id, direction: 'x', task_type: 'impl', project: 'shop', ...changes },
    { admin: true },
  );
const claim = async ({ send }: ServiceUnderTest, changes: object = {}) => {
  const request = { runner: 'r1', executors: ['claude-code'], free_workers: 5, ...changes };
  const { body } = await send('POST', '/api/agent/tasks/claim', request);
  const { tasks, ...rest } = body as { tasks: { task: { id: string } }[]; reason?: string };
  return { ids: tasks.map(({ task }) => task.id), ...rest };
};
const statusOf = async ({ get }: ServiceUnderTest) => (await get('/api/agent/budget')).body as BudgetStatus;
const pipelineOf = async ({ get }: ServiceUnderTest) =>
  (await get('/api/agent/pipeline-status')).body as PipelineStatus;

/** What `/metrics` says of budgets, by name and project. */
async function gauges({ get }: ServiceUnderTest) {
  const { text } = await get('/metrics');
  const { budget_limit, budget_spent, throttled } = storeGauges;
  return [budget_limit, budget_spent, throttled].map(({ name }) =>
    Object.fromEntries(
      [...text.matchAll(new RegExp(`^${name}\\{project="(.*)"\\} (.*)$`, 'gm'))].map(([, project, value]) => [
        project,
        Number(value),
      ]),
    ),
  );
}

test('a spent budget: claims, the status, metrics and the page say so, and critical tasks go on', async () => {
  const service = await serviceAt({ daily_usd: 50, projects: { shop: 10 }, throttle: true });
  expect(await gauges(service)).toEqual([
    { '': 50, shop: 10 },
    { '': 0, shop: 0 },
    { '': 0, shop: 0 },
  ]);
  await queue(service, 'plain');
  await queue(service, 'urgent', { critical: true });
  await spend(service, 12.3);
  await spend(service, undefined);

  const state = {
    project: 'shop',
    limit_usd: 10,
    spent_usd: 12.3,
    unpriced_attempts: 1,
    exceeded: true,
    throttled: true,
    throttled_since: '2026-03-02T12:00:00.000Z',
    resumes_at: '2026-03-03T12:00:00.000Z',
  };
  expect(await claim(service)).toEqual({ ids: ['urgent'], throttled: [state] });
  service.pass(1800);
  expect(await claim(service)).toEqual({ ids: [], throttled: [state], reason: 'throttled' });
  expect(await claim(service, { projects: ['blog'] })).toEqual({ ids: [], reason: 'empty' });
  expect(await claim(service, { executors: ['codex'] })).toMatchObject({ ids: [], reason: 'empty' });
  expect(await claim(service, { free_workers: 0 })).toMatchObject({ ids: [], reason: 'empty' });

  expect(await statusOf(service)).toEqual({
    at: '2026-03-02T12:30:00.000Z',
    throttle: true,
    count_notional: false,
    budgets: [
      { limit_usd: 50, spent_usd: 12.3, unpriced_attempts: 1, exceeded: false, throttled: false },
      state,
    ],
    overrides: [],
  });
  const { budgets, attention, pending } = await pipelineOf(service);
  expect(budgets).toEqual((await statusOf(service)).budgets);
  expect(pending).toMatchObject({ count: 1, oldest_seconds: null, next: [] });
  expect(attention.flags).toEqual([
    'Project shop has spent $12.30 of $10 in 24 h, and 1 attempt has no price: only critical tasks are handed out until 12:00 UTC or `andon budget resume`.',
  ]);
  expect(await gauges(service)).toEqual([
    { '': 50, shop: 10 },
    { '': 12.3, shop: 12.3 },
    { '': 0, shop: 1 },
  ]);
  const spentLine = 'A budget is spent: only critical tasks are handed out';
  expect((await service.get('/')).text).toContain(spentLine);

  service.pass(23.5 * 3600);
  expect(await claim(service)).toEqual({ ids: ['plain'] });
  const { flags } = (await pipelineOf(service)).attention;
  expect(flags.filter((flag) => flag.includes('spent'))).toEqual([]);
  expect((await gauges(service))[2]).toEqual({ '': 0, shop: 0 });
  expect((await service.get('/')).text).not.toContain(spentLine);
});

test('off by default, and without a limit there is nothing to say', async () => {
  const service = await serviceAt(undefined);
  await queue(service, 'a');
  await spend(service, 1000);
  expect(await statusOf(service)).toMatchObject({ throttle: false, budgets: [], overrides: [] });
  expect(await gauges(service)).toEqual([{}, {}, {}]);
  const { budgets, attention } = await pipelineOf(service);
  expect(budgets).toEqual([]);
  expect(attention.flags.filter((flag) => flag.includes('spent'))).toEqual([]);
  expect(await claim(service)).toEqual({ ids: ['a'] });
});

test('a limit without the throttle is watched, and holds nothing back', async () => {
  const service = await serviceAt({ daily_usd: 10 });
  await queue(service, 'a');
  await spend(service, 10);
  expect(await claim(service)).toEqual({ ids: ['a'] });
  expect(await gauges(service)).toEqual([{ '': 10 }, { '': 10 }, { '': 0 }]);
  expect((await pipelineOf(service)).attention.flags).toEqual([
    'All projects together have spent $10 of $10 in 24 h.',
  ]);
});

test('a subscription’s notional cost counts only where the settings say so', async () => {
  const notional = { billing: 'subscription' };
  const paid = await serviceAt({ daily_usd: 10, throttle: true });
  await spend(paid, 12, notional);
  expect((await statusOf(paid)).budgets).toMatchObject([{ spent_usd: 0, throttled: false }]);
  const all = await serviceAt({ daily_usd: 10, throttle: true, count_notional: true });
  await spend(all, 12, notional);
  expect((await statusOf(all)).budgets).toMatchObject([{ spent_usd: 12, throttled: true }]);
});

test('an admin’s word: who gave it, why, until when; and its end', async () => {
  const service = await serviceAt({ daily_usd: 10, throttle: true });
  const { send } = service;
  await queue(service, 'a');
  await queue(service, 'b');
  await spend(service, 12);
  const given = await send('POST', override, { seconds: 7200, reason: 'the release' }, { admin: true });
  const lifted = {
    since: '2026-03-02T12:00:00.000Z',
    until: '2026-03-02T14:00:00.000Z',
    by: 'admin',
    reason: 'the release',
  };
  expect(given).toMatchObject({ status: 200, body: lifted });
  expect(await claim(service, { free_workers: 1 })).toEqual({ ids: ['a'] });
  expect(await statusOf(service)).toMatchObject({
    budgets: [{ exceeded: true, throttled: false, override: lifted }],
    overrides: [lifted],
  });
  expect((await gauges(service))[2]).toEqual({ '': 0 });
  expect((await pipelineOf(service)).attention.flags).toEqual([
    'All projects together have spent $12 of $10 in 24 h: tasks are handed out all the same until 14:00 UTC, by word of admin.',
  ]);

  const end = (query = '') => send('DELETE', `${override}${query}`, undefined, { admin: true });
  expect((await end('?project=shop')).body).toEqual({ ended: 0 });
  expect((await end()).body).toEqual({ ended: 1 });
  expect(await claim(service)).toMatchObject({ ids: [], reason: 'throttled' });
  const until = '2026-03-04T12:00:00Z';
  await send('POST', override, { until, project: 'shop', reason: 'x' }, { admin: true });
  expect((await statusOf(service)).overrides).toMatchObject([
    { project: 'shop', until: '2026-03-04T12:00:00.000Z' },
  ]);
  expect(await claim(service)).toMatchObject({ ids: ['b'] });
});

test.each([
  ['no reason', { seconds: 60 }],
  ['no end', { reason: 'x' }],
  ['two ends', { seconds: 60, until: '2026-03-02T13:00:00Z', reason: 'x' }],
  ['an end that is past', { until: '2026-03-02T12:00:00Z', reason: 'x' }],
  ['an end too far away', { until: '2026-03-09T12:00:01Z', reason: 'x' }],
  ['no time at all', { seconds: 0, reason: 'x' }],
  ['more than a week', { seconds: 604_801, reason: 'x' }],
])('an override with %s is refused', async (_name, body) => {
  const service = await serviceAt({ daily_usd: 10, throttle: true });
  expect((await service.send('POST', override, body, { admin: true })).status).toBe(400);
  expect((await statusOf(service)).overrides).toEqual([]);
});

test('whoever may only report cannot get past the throttle', async () => {
  const tokens = [{ name: 'ci', token: ci, scopes: ['report' as const] }];
  const service = await serviceAt({ daily_usd: 10, throttle: true }, { service: { tokens } });
  const { send } = service;
  const as = { token: ci };
  const critical = { direction: 'x', task_type: 'impl', critical: true };
  expect((await send('POST', '/api/agent/tasks', critical, as)).status).toBe(403);
  expect((await send('POST', '/api/agent/tasks', { ...critical, critical: false, id: 't' }, as)).status).toBe(
    201,
  );
  expect((await send('PATCH', '/api/agent/tasks/t', { critical: true }, as)).status).toBe(403);
  expect((await send('POST', override, { seconds: 60, reason: 'x' }, as)).status).toBe(403);
  expect((await send('DELETE', override, undefined, as)).status).toBe(403);

  // Nor run again, or go on after a question, what an admin made critical.
  const admin = { admin: true };
  expect((await send('PATCH', '/api/agent/tasks/t', { critical: true }, admin)).body).toMatchObject({
    critical: true,
  });
  expect((await send('PATCH', '/api/agent/tasks/t', { status: 'cancelled' }, as)).status).toBe(200);
  expect((await send('PATCH', '/api/agent/tasks/t', { status: 'pending' }, as)).status).toBe(403);
  expect((await send('PATCH', '/api/agent/tasks/t', { decision: 'yes' }, as)).status).toBe(403);
  expect((await send('PATCH', '/api/agent/tasks/t', { status: 'pending' }, admin)).status).toBe(200);
});

test('without tokens a task is made critical with the admin token only, and DELETE takes it too', async () => {
  const { send } = await serviceAt({ daily_usd: 10, throttle: true });
  const task = { direction: 'x', task_type: 'impl', critical: true };
  expect((await send('POST', '/api/agent/tasks', task)).status).toBe(401);
  expect(await send('POST', '/api/agent/tasks', task, { admin: true })).toMatchObject({
    status: 201,
    body: { critical: true },
  });
  expect((await send('DELETE', override, undefined)).status).toBe(401);
  const elsewhere = { admin: true, headers: { origin: 'https://example.com' } };
  expect((await send('DELETE', override, undefined, elsewhere)).status).toBe(403);
});

test('two replicas on one store: what is reported to one holds at the other, and so does an override', async () => {
  const data_dir = temporaryFolder();
  const budget = { daily_usd: 10, throttle: true };
  const one = await serviceAt(budget, { data_dir });
  const other = await serviceAt(budget, { data_dir });
  await queue(one, 'a');
  await queue(one, 'b');
  expect(await claim(other, { free_workers: 1 })).toEqual({ ids: ['a'] });
  await spend(one, 12);
  expect(await claim(other)).toMatchObject({ ids: [], reason: 'throttled' });
  expect(await gauges(other)).toEqual(await gauges(one));
  await one.send('POST', override, { seconds: 60, reason: 'x' }, { admin: true });
  expect(await claim(other)).toEqual({ ids: ['b'] });
});

test('an executor’s pause and a spent budget: each is named where it is the one that keeps work away', async () => {
  const service = await serviceAt({ projects: { shop: 10 }, daily_usd: undefined, throttle: true });
  const { send } = service;
  await queue(service, 'limited', { project: 'blog' });
  const claimed = await send('POST', '/api/agent/tasks/claim', {
    runner: 'r1',
    executors: ['claude-code'],
    free_workers: 1,
  });
  const [{ lease_token = '', attempt = 0 } = {}] = (claimed.body as Claimed).tasks;
  const outcome = { status: 'failed', error_class: 'rate_limited', duration_seconds: 1 };
  await send('POST', '/api/agent/tasks/limited/finish', { lease_token, attempt, outcome });
  await spend(service, 12);
  expect(await claim(service)).toMatchObject({ ids: [], reason: 'paused' });
  await queue(service, 'held', { executor: 'codex' });
  const both = { executors: ['claude-code', 'codex'] };
  expect(await claim(service, both)).toMatchObject({ ids: [], reason: 'throttled' });
});

interface Claimed {
  tasks: { lease_token: string; attempt: number }[];
}

test('the service’s own log says once that a budget holds tasks back, and once that it no longer does', async () => {
  const { store, pass, now } = openSqlite();
  const log: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void log.push(JSON.parse(line)) });
  const budget = { daily_usd: 10, projects: { shop: 5 }, throttle: true, count_notional: false };
  const watch = createBudgetWatch(store.budgets, budget, logger);
  const spent = (task_id: string, cost_usd: number) =>
    sampleMetric({ task_id, cost_usd, created_at: new Date(now()).toISOString() });
  const times = async (count: number) => {
    for (let i = 0; i < count; i++) await watch();
    return log.splice(0).map(({ msg }) => msg);
  };
  expect(await times(2)).toEqual([]);
  await store.outcomes.record([spent('a', 6)]);
  expect(await times(3)).toEqual([
    'only critical tasks are handed out: project shop has spent $6 of $5 in 24 h',
  ]);
  pass(3600);
  await store.outcomes.record([spent('b', 4)]);
  expect(await times(3)).toEqual([
    'only critical tasks are handed out: all projects together have spent $10 of $10 in 24 h',
  ]);
  pass(23 * 3600);
  expect((await times(2)).sort()).toEqual([
    'the budget of all projects together no longer holds tasks back',
    'the budget of project shop no longer holds tasks back',
  ]);
});

test('settings: a throttle without a limit is refused, and an improvement is critical where they say so', async () => {
  expect(() => parseConfig({ budget: { throttle: true } })).toThrow('budget.throttle: there is no limit');
  expect(() => parseConfig({ budget: { daily_usd: 0 } })).toThrow('budget.daily_usd');
  expect(parseConfig({}).improvements.task.critical).toBe(false);
  expect(parseConfig({}).budget).toEqual({ projects: {}, throttle: false, count_notional: false });
});
