import { expect, test } from 'vitest';
import { alertAbout, deliver } from '../api/alert-payload.ts';
import { claimOne, create, finish } from '../api/movable-service.ts';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';
import { signIn, visitor } from './signed-in.ts';

const chromium = useChromium();

test('one cause is one thing: an alert, its proposal and its failures', async () => {
  const service = await serviceUnderTest();
  for (let i = 0; i < 5; i++) {
    await create(service, `t${i}`, { project: 'shop', task_type: 'test', max_attempts: 1 });
    await finish(service, await claimOne(service), { status: 'failed', error_class: 'verify_failed' });
  }
  const page = await chromium.open();
  const needs = page.getByRole('list', { name: 'What needs you' }).getByRole('listitem');
  await page.goto(service.url);
  expect(await needs.allInnerTexts()).toEqual([
    expect.stringMatching(/5 test attempts in shop failed with verify_failed/),
    expect.stringMatching(/Only 0 % of 5 test tasks/),
  ]);
  await deliver(service, [
    alertAbout('shop'),
    alertAbout('x', {
      labels: { alertname: 'Watchdog', severity: 'info', component: 'andon' },
      fingerprint: 'w',
    }),
    alertAbout('x', {
      labels: { alertname: 'DiskFull', component: 'node', project: 'ops', severity: 'critical' },
      fingerprint: 'd',
    }),
  ]);
  await page.goto(service.url);
  const told = await needs.allInnerTexts();
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/DiskFull/);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('2 things need you');
  expect(await page.locator('.figures').innerText()).toMatch(/Alerts that fire\s+2$/);
  await page.getByRole('link', { name: 'Approve or reject what is proposed' }).click();
  expect(await page.getByText('It waits for a person.').isVisible()).toBe(true);
});

test('an executor that is held is let go on by an admin', async () => {
  const service = await serviceUnderTest();
  await create(service, 'a');
  await finish(
    service,
    await claimOne(service),
    { status: 'failed', error_class: 'rate_limited' },
    { error_message: 'try later' },
  );
  const nobody = await visitor(service);
  expect((await nobody.post('/executors/claude-code/open', {})).status).toBe(401);
  const page = await chromium.open();
  await page.goto(service.url);
  const held = page.getByText('Executor claude-code is paused until');
  expect(await held.isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: /go on/ }).count()).toBe(0);
  await signIn(page, service);
  await page.getByRole('button', { name: 'Let claude-code go on' }).click();
  expect(await page.getByRole('status').textContent()).toContain('It gets tasks again.');
  expect(await held.count()).toBe(0);
  expect(await service.store.executors.list()).toEqual([]);
});

test('a budget that is spent and holds tasks back is said, with the command that ends it', async () => {
  const service = await serviceUnderTest({ budget: { daily_usd: 2, throttle: true } });
  const page = await chromium.open();
  await page.goto(service.url);
  expect(await page.getByText('only critical tasks are handed out').count()).toBe(0);
  await service.send('POST', '/api/agent/metrics', {
    task_id: 'dear',
    task_type: 'impl',
    executor: 'codex',
    model: 'm',
    duration_seconds: 5,
    status: 'completed',
    cost_usd: 3,
  });
  await page.goto(service.url);
  const need = page.getByRole('listitem').filter({ hasText: 'spent $3 of $2 in 24 h' });
  expect(await need.innerText()).toMatch(
    /only critical tasks are handed out until .* or andon budget resume\.$/,
  );
  expect(await need.getByRole('code').innerText()).toBe('andon budget resume');
});

test('credentials of a proxy before us are none of ours', async () => {
  const { get } = await serviceUnderTest();
  const accept = 'text/html';
  expect((await get('/tasks', { accept, authorization: 'Basic YW5uOnNlY3JldA==' })).status).toBe(200);
  expect((await get('/tasks', { accept, authorization: 'Bearer guessed-guessed-guessed' })).status).toBe(401);
});
