import { expect, test } from 'vitest';
import { serviceUnderTest } from '../service-under-test.ts';

const now = Date.parse('2026-03-03T08:00:00Z');

function run(task_id: string, changes: object = {}) {
  return {
    task_id,
    task_type: 'impl',
    executor: 'codex',
    model: 'gpt-5',
    project: 'shop',
    duration_seconds: 60,
    status: 'completed',
    created_at: '2026-03-02T20:00:00Z',
    cost_usd: 0.5,
    billing: 'metered',
    ...changes,
  };
}

function firing(alertname: string, labels: object, changes: object = {}) {
  return {
    status: 'firing',
    labels: { alertname, component: 'andon', category: 'pipeline', severity: 'warning', ...labels },
    annotations: { summary: 'Agent tasks of one type fail again and again.' },
    startsAt: '2026-03-02T22:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: `${alertname}-1`,
    ...changes,
  };
}

async function aNight() {
  const service = await serviceUnderTest({}, () => now);
  const runs = [
    run('a'),
    run('b'),
    run('c', { status: 'failed', error_class: 'verify_failed' }),
    run('d', { project: 'blog_*', cost_usd: undefined, billing: undefined }),
    run('e', { status: 'failed', error_class: 'rate_limited', cost_usd: undefined }),
    run('too old', { created_at: '2026-03-01T20:00:00Z' }),
  ];
  await service.send('POST', '/api/agent/metrics', runs);
  const ended = { status: 'resolved', endsAt: '2026-03-02T23:00:00Z' };
  const alerts = [
    firing('AgentRepeatedFailures', { project: 'shop', task_type: 'impl' }),
    firing('AgentTaskTimeouts', { project: 'shop', task_type: 'test' }, ended),
    firing(
      'AgentPipelineStalled',
      {},
      { ...ended, startsAt: '2026-02-01T00:00:00Z', endsAt: '2026-02-01T01:00:00Z' },
    ),
    firing('Watchdog', {}),
  ];
  await service.send('POST', '/api/alerts', { version: '4', status: 'firing', alerts }, { admin: true });
  return service;
}

test('the report says what was done, what it cost, what fired and what needs a person', async () => {
  const { get } = await aNight();
  await expect
    .poll(async () => (await get('/api/agent/report')).body)
    .toMatchObject({ improvements: [{ title: 'Mend what makes impl tasks of shop fail' }] });
  const { body } = await get('/api/agent/report');
  expect(body).toMatchObject({
    from: '2026-03-02T08:00:00.001Z',
    tasks: { completed: 3, failed: 1, accepted: 0 },
    projects: [
      { project: 'blog_*', completed: 1, failed: 0, cost_usd: null, unpriced_attempts: 1 },
      { project: 'shop', completed: 2, failed: 1, cost_usd: 1.5 },
    ],
    failures: [
      { error_class: 'rate_limited', fault: 'provider', attempts: 1 },
      { error_class: 'verify_failed', fault: 'attempt', attempts: 1 },
    ],
    alerts: [
      { name: 'AgentRepeatedFailures', about: 'shop, impl', since: '2026-03-02T22:00:00.000Z' },
      { name: 'AgentTaskTimeouts', until: '2026-03-02T23:00:00.000Z' },
    ],
  });
});

test('as text and as Markdown it can be read, and names are no markup', async () => {
  const { get } = await aNight();
  await expect
    .poll(async () => (await get('/api/agent/report?format=text')).text)
    .toContain('Approve or reject');
  const { text, headers } = await get('/api/agent/report?format=text');
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toMatch(
    /^Needs you: 1 alert fires, 1 proposal waits; 3 done, 1 failed, spent \$1\.50 \+ 2 unpriced/,
  );
  expect(text).toContain('shop             2       1  $1.50 + 1 unpriced');
  const markdown = (await get('/api/agent/report?format=markdown&window=24h')).text;
  expect(markdown).toContain('| blog\\_\\* | 1 | 0 | unpriced |');
});

test('it is sent also when all is well, and says so', async () => {
  const { get } = await serviceUnderTest({}, () => now);
  expect((await get('/api/agent/report?format=text')).text).toBe(
    [
      'All is well: 0 done, 0 failed, spent $0.00',
      '',
      'From 2026-03-02 08:00 UTC to 2026-03-03 08:00 UTC',
      '',
      'DONE',
      'project  completed  failed  spent',
      'all              0       0  $0.00',
      '',
      'Verdicts: 0 accepted, 0 rejected, 0 reverted.',
      '',
    ].join('\n'),
  );
});
