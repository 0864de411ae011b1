import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from '../service-under-test.ts';

const report = (changes: object = {}) => ({
  task_id: 'ci-1',
  task_type: 'impl',
  model: 'cursor/auto',
  executor: 'cursor',
  duration_seconds: 52,
  status: 'completed',
  ...changes,
});

describe('GET /api/agent/metrics', () => {
  test('without data it answers 200 with zeros and empty objects', async () => {
    const { get } = await serviceUnderTest();
    const { status, body } = await get('/api/agent/metrics');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      window: { seconds: 604_800 },
      success_rate: { completed: 0, failed: 0, total: 0, rate: 0 },
      execution_time: { p50_seconds: 0, p95_seconds: 0 },
      by_task_type: {},
      by_model: {},
      by_variant: {},
      attempts: { total: 0, failed: 0, by_error_class: {} },
      excluded: { provider: 0, set_up: 0, ours: 0 },
      verdicts: { accepted: 0, rejected: 0, reverted: 0, none: 0 },
      usage: { cost_usd: 0, unpriced_attempts: 0, attempts_without_usage: 0 },
    });
  });

  test('the published keys have their published meaning', async () => {
    const { get, send } = await serviceUnderTest();
    const outcomes = [
      ...Array.from({ length: 8 }, (_, i) => report({ task_id: `ok-${i}`, duration_seconds: 40 })),
      report({ task_id: 'slow', duration_seconds: 120, task_type: 'spec', model: 'opus' }),
      report({ task_id: 'bad', status: 'failed', error_class: 'verify_failed', duration_seconds: 60 }),
      report({ task_id: 'ok-0', attempt: 2, status: 'failed', error_class: 'timeout', final: false }),
      report({ task_id: 'login', status: 'failed', error_class: 'auth', duration_seconds: 1 }),
    ];
    expect((await send('POST', '/api/agent/metrics', outcomes)).body).toEqual({
      recorded: 12,
      duplicates: 0,
      refused: [],
      refused_count: 0,
    });
    const { body } = await get('/api/agent/metrics?window=1h');
    expect(body).toMatchObject({
      success_rate: { completed: 9, failed: 1, total: 10, rate: 0.9 },
      by_task_type: {
        impl: { count: 9, completed: 8, failed: 1, success_rate: 8 / 9 },
        spec: { count: 1, success_rate: 1 },
      },
      by_model: {
        'cursor/auto': { count: 9, avg_duration: expect.closeTo((8 * 40 + 60) / 9, 4) },
        opus: { count: 1 },
      },
      attempts: { total: 12, failed: 3, by_error_class: { verify_failed: 1, timeout: 1, auth: 1 } },
      excluded: { provider: 0, set_up: 1, ours: 0 },
    });
    const { execution_time } = body as { execution_time: { p50_seconds: number; p95_seconds: number } };
    expect(Math.abs(execution_time.p50_seconds / 40 - 1)).toBeLessThan(0.01);
    expect(Math.abs(execution_time.p95_seconds / 60 - 1)).toBeLessThan(0.01);
  });

  test('tagged outcomes are stored and aggregated by variant', async () => {
    const { get, send } = await serviceUnderTest();
    await send('POST', '/api/agent/metrics', [
      report({ task_id: 'a', prompt_variant: 'terse' }),
      report({ task_id: 'b', prompt_variant: 'terse', skill_version: 'v2', status: 'failed' }),
      report({ task_id: 'c' }),
    ]);
    expect((await get('/api/agent/metrics')).body).toMatchObject({
      by_variant: {
        'prompt:terse': { count: 1 },
        'prompt:terse,skill:v2': { count: 1, failed: 1 },
        none: { count: 1 },
      },
      by_prompt_variant: { terse: { count: 2, success_rate: 0.5 } },
      by_skill_version: { v2: { count: 1 } },
    });
    expect((await get('/api/agent/metrics?variant=prompt:terse')).body).toMatchObject({
      success_rate: { total: 1 },
    });
  });

  test('unknown cost is never $0: it is absent and counted', async () => {
    const { get, send } = await serviceUnderTest();
    await send('POST', '/api/agent/metrics', report({ task_id: 'dark' }));
    expect((await get('/api/agent/metrics')).body).toMatchObject({
      usage: {
        cost_usd: null,
        unpriced_attempts: 1,
        attempts_without_usage: 1,
        cost_per_completed_task_usd: null,
      },
    });
    const usage = { input_uncached: 10, cache_read: 5, cache_write: 0, output: 2, api_calls: 3 };
    await send('POST', '/api/agent/metrics', [
      report({ task_id: 'paid', usage, cost_usd: 0.5, billing: 'metered' }),
      report({ task_id: 'flat', usage, cost_usd: 2, billing: 'subscription' }),
    ]);
    expect((await get('/api/agent/metrics')).body).toMatchObject({
      usage: {
        tokens: { input_uncached: 20, cache_read: 10, output: 4 },
        api_calls: 6,
        cost_usd: 0.5,
        notional_cost_usd: 2,
        unpriced_attempts: 1,
      },
    });
  });

  test('a subscription’s notional figure is not what was paid', async () => {
    const { get, send } = await serviceUnderTest();
    await send('POST', '/api/agent/metrics', [
      report({ task_id: 'flat', cost_usd: 2, billing: 'subscription' }),
      report({ task_id: 'dark-1' }),
      report({ task_id: 'dark-2' }),
    ]);
    expect((await get('/api/agent/metrics')).body).toMatchObject({
      usage: {
        cost_usd: null,
        notional_cost_usd: 2,
        unpriced_attempts: 2,
        cost_per_completed_task_usd: null,
        cost_per_accepted_task_usd: null,
      },
    });
  });

  test('a notional figure that nobody knows is not $0 either', async () => {
    const { get, send } = await serviceUnderTest();
    const usage = async () => ((await get('/api/agent/metrics')).body as { usage: object }).usage;
    expect(await usage()).toMatchObject({ cost_usd: 0, notional_cost_usd: 0 });
    await send('POST', '/api/agent/metrics', report({ task_id: 'paid', cost_usd: 1, billing: 'metered' }));
    expect(await usage()).toMatchObject({ cost_usd: 1, notional_cost_usd: 0 });
    await send('POST', '/api/agent/metrics', report({ task_id: 'flat', billing: 'subscription' }));
    expect(await usage()).toMatchObject({ cost_usd: 1, notional_cost_usd: null, unpriced_attempts: 1 });
    await send(
      'POST',
      '/api/agent/metrics',
      report({ task_id: 'flat-2', billing: 'subscription', cost_usd: 2 }),
    );
    expect(await usage()).toMatchObject({ cost_usd: 1, notional_cost_usd: 2, unpriced_attempts: 1 });
  });

  test('a wrong window or filter is named', async () => {
    const { get } = await serviceUnderTest();
    for (const [query, pointer] of [
      ['window=soon', '/window'],
      ['from=yesterday', '/from'],
      ['window=0d', '/window'],
      ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', '/from'],
      ['from=2199-01-01T00:00:00Z', '/from'],
    ]) {
      const { status, body, headers } = await get(`/api/agent/metrics?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ status: 400, errors: [{ pointer }] });
    }
    expect((await get('/api/agent/metrics?windw=1h')).status).toBe(400);
  });
});

describe('POST /api/agent/metrics', () => {
  test('one, an array and NDJSON are taken, and the same again is counted once', async () => {
    const { get, send } = await serviceUnderTest();
    const ndjson = { headers: { 'content-type': 'application/x-ndjson' } };
    expect((await send('POST', '/api/agent/metrics', report())).body).toMatchObject({
      recorded: 1,
      duplicates: 0,
    });
    expect((await send('POST', '/api/agent/metrics', [report(), report({ attempt: 2 })])).body).toMatchObject(
      {
        recorded: 1,
        duplicates: 1,
      },
    );
    const lines = [report({ task_id: 'x' }), report({ task_id: 'y' }), report()].map((one) =>
      JSON.stringify(one),
    );
    expect((await send('POST', '/api/agent/metrics', `${lines.join('\n')}\n`, ndjson)).body).toMatchObject({
      recorded: 2,
      duplicates: 1,
      refused: [],
    });
    expect((await get('/api/agent/metrics')).body).toMatchObject({ attempts: { total: 4 } });
  });

  test('of an NDJSON stream the good lines are stored and the bad ones reported by line', async () => {
    const { get, send } = await serviceUnderTest();
    const body = [
      JSON.stringify(report()),
      '{"task_id":',
      '',
      JSON.stringify(report({ task_id: 'z', status: 'great' })),
    ];
    const { status, body: answer } = await send('POST', '/api/agent/metrics', body.join('\n'), {
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      recorded: 1,
      refused: [{ line: 2 }, { line: 4, errors: [{ pointer: '/status' }] }],
    });
    expect((await get('/api/agent/metrics')).body).toMatchObject({ attempts: { total: 1 } });
  });

  test.each([
    ['not JSON', '{"task_id"', ''],
    ['a number', '7', ''],
    ['an empty list', '[]', ''],
    ['an unknown task type', report({ task_type: 'dance' }), '/task_type'],
    ['a negative duration', report({ duration_seconds: -1 }), '/duration_seconds'],
    ['a huge duration', report({ duration_seconds: 1e12 }), '/duration_seconds'],
    ['a label of 10 kB', report({ model: 'm'.repeat(10_000) }), '/model'],
    ['a label with a line break', report({ project: 'a\nb' }), '/project'],
    ['a time far in the future', report({ created_at: '2199-01-01T00:00:00Z' }), '/created_at'],
    ['a time that is none', report({ created_at: 'yesterday' }), '/created_at'],
    ['a member that there is not', report({ durration: 1 }), ''],
    ['an error class on a completed one', report({ error_class: 'timeout' }), '/error_class'],
    ['a cost with the source "unpriced"', report({ cost_usd: 1, cost_source: 'unpriced' }), '/cost_source'],
    ['one bad item of a list', [report({ task_id: 'good' }), report({ status: 'nice' })], '/1/status'],
  ])(
    '%s is refused with what was wrong, nothing is stored, and the service goes on',
    async (_name, body, pointer) => {
      const { get, send } = await serviceUnderTest();
      const answer = await send('POST', '/api/agent/metrics', body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] });
      expect((await get('/api/agent/metrics')).body).toMatchObject({ attempts: { total: 0 } });
    },
  );

  test('of many bad lines the first are listed and all counted', async () => {
    const { send } = await serviceUnderTest();
    const ndjson = { headers: { 'content-type': 'application/x-ndjson' } };
    const lines = [...Array<string>(9999).fill('1'), JSON.stringify(report())];
    const { body, text } = await send('POST', '/api/agent/metrics', `${lines.join('\n')}\n`, ndjson);
    expect(body).toMatchObject({ recorded: 1, refused_count: 9999 });
    expect((body as { refused: unknown[] }).refused).toHaveLength(100);
    expect(text.length).toBeLessThan(100_000);
    const long = await send('POST', '/api/agent/metrics', `{"${'x'.repeat(500_000)}":1}`, ndjson);
    expect(long.body).toMatchObject({ refused_count: 1 });
    expect(long.text.length).toBeLessThan(2000);
  });

  test('a body of too many lines is refused whole, before any work is done', async () => {
    const { get, send } = await serviceUnderTest();
    const ndjson = { headers: { 'content-type': 'application/x-ndjson' } };
    const lines = [JSON.stringify(report()), ...Array<string>(10_000).fill('1')];
    const begun = performance.now();
    const answer = await send('POST', '/api/agent/metrics', lines.join('\n'), ndjson);
    expect(performance.now() - begun).toBeLessThan(500);
    expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringContaining('10000 lines') } });
    expect((await get('/api/agent/metrics')).body).toMatchObject({ attempts: { total: 0 } });
  });

  test('an outcome of a task of ours is its runner’s to report', async () => {
    const { send } = await serviceUnderTest();
    await send('POST', '/api/agent/tasks', { id: 'ours', direction: 'x', task_type: 'impl' });
    const foreign = report({ task_id: 'ours' });
    expect(await send('POST', '/api/agent/metrics', foreign)).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '/task_id' }] },
    });
    expect((await send('POST', '/api/agent/metrics', [report(), foreign])).body).toMatchObject({
      recorded: 1,
      duplicates: 0,
      refused: [{ line: 2, errors: [{ pointer: '/task_id' }] }],
      refused_count: 1,
    });
  });

  test.each([
    ['a gzip body that is none', 400, { 'content-encoding': 'gzip' }, Buffer.from('{}')],
    ['a cut gzip body', 400, { 'content-encoding': 'gzip' }, gzipSync('{"a":1}').subarray(0, 15)],
    ['what is not UTF-8', 400, {}, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['another charset', 415, { 'content-type': 'application/json; charset=latin1' }, Buffer.from('{}')],
  ])('%s is refused as the sender’s doing', async (_name, status, headers, body) => {
    const { url } = await serviceUnderTest();
    const response = await fetch(`${url}/api/agent/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, detail: expect.stringContaining('body') });
  });

  test('two ids that differ in a byte that is no UTF-8 do not become one', async () => {
    const { url, get } = await serviceUnderTest();
    for (const byte of [0xfe, 0xff]) {
      const [before = '', after = ''] = JSON.stringify(report({ task_id: 'a#' })).split('#');
      const body = Buffer.concat([Buffer.from(before), Buffer.from([byte]), Buffer.from(after)]);
      for (const type of ['application/json', 'application/x-ndjson']) {
        const headers = { 'content-type': type };
        const response = await fetch(`${url}/api/agent/metrics`, { method: 'POST', headers, body });
        expect(response.status).toBe(400);
      }
    }
    expect((await get('/api/agent/metrics')).body).toMatchObject({ attempts: { total: 0 } });
  });

  test('a gzip body is taken', async () => {
    const { url } = await serviceUnderTest();
    const response = await fetch(`${url}/api/agent/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(report())),
    });
    expect(await response.json()).toMatchObject({ recorded: 1 });
  });

  test('a request without a body is told what it lacks', async () => {
    const { url } = await serviceUnderTest();
    const response = await fetch(`${url}/api/agent/metrics`, { method: 'POST' });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      detail: 'this takes a JSON body with content-type: application/json, and the request has none',
    });
  });

  test('a body over the limit is refused with the limit', async () => {
    const { send } = await serviceUnderTest();
    const answer = await send('POST', '/api/agent/metrics', report({ task_id: 'x'.repeat(1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ status: 413, detail: expect.stringContaining('1048576') });
  });
});
