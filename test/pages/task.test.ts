import { expect, test } from 'vitest';
import { claimOne, create, finish } from '../api/movable-service.ts';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';

const chromium = useChromium();

test('a question is answered, and the task goes back into the queue with the answer', async () => {
  const service = await serviceUnderTest();
  await create(service, 'ask');
  await finish(
    service,
    await claimOne(service),
    { status: 'completed' },
    { decision_prompt: 'Fourteen\nor thirty days?' },
  );
  const page = await chromium.open();
  await page.goto(service.url);
  await page.getByRole('list', { name: 'What needs you' }).getByRole('link').click();
  expect(await page.locator('.words').first().textContent()).toBe('Fourteen\nor thirty days?');
  await page.getByLabel('Your answer').fill('Thirty.\nIt was promised.');
  await page.getByRole('button', { name: /^Answer/ }).click();
  expect(await page.getByRole('status').textContent()).toContain('Answered');
  expect(await service.store.tasks.find('ask')).toMatchObject({
    status: 'pending',
    decision: 'Thirty.\nIt was promised.',
  });
});

test('what is not known is said to be unknown, and what is known is shown', async () => {
  const service = await serviceUnderTest();
  const usage = { input_uncached: 1000, cache_read: 9000, cache_write: 0, output: 500 };
  const attempts = [
    { status: 'failed', error_class: 'timeout', usage_state: 'none' },
    { status: 'failed', error_class: 'nonzero_exit', usage, cost_usd: 0.00001, billing: 'subscription' },
    { status: 'completed', usage, cost_usd: 1.5, duration_seconds: 4000 },
  ];
  const { store } = service;
  await create(service, 'spent', { max_attempts: 9, project: 'shop' });
  for (const outcome of attempts) {
    const claimed = await claimOne(service, { executors: ['claude-code'] });
    await finish(service, claimed, outcome, { log_tail: 'first\nlast\n', branch: 'andon/spent-1' });
    if ((await store.tasks.find('spent'))?.status !== 'completed') await send(service, 'spent');
  }
  const page = await chromium.open();
  await page.goto(`${service.url}/tasks/spent`);
  const rows = await page.getByRole('row').allInnerTexts();
  expect(rows).toMatchObject([
    expect.stringContaining('Cost'),
    expect.stringMatching(
      /completed[\s\S]*1 h 6 min[\s\S]*10,000 in, 500 out[\s\S]*90 % from the cache[\s\S]*\$1\.50/,
    ),
    expect.stringMatching(/nonzero_exit[\s\S]*under \$0\.0001 notional/),
    expect.stringMatching(/timeout[\s\S]*unknown[\s\S]*unknown \(no usage told\)/),
  ]);
  expect(rows.join('\n')).not.toMatch(/\$0\.00(?!0)/);
  const facts = await page.locator('#about ~ dl').innerText();
  expect(facts).toMatch(/Cost\s+\$1\.50, and 1 attempt of unknown cost/);
  expect(await page.locator('.log').textContent()).toBe('first\nlast\n');
  await page.getByRole('link', { name: 'The whole log' }).click();
  expect(await page.locator('body').textContent()).toBe('first\nlast\n');
});

/** Cancelled and queued again at once: without its back-off. */
async function send(service: Awaited<ReturnType<typeof serviceUnderTest>>, id: string): Promise<void> {
  for (const status of ['cancelled', 'pending'])
    await service.send('PATCH', `/api/agent/tasks/${id}`, { status });
}

test('a verdict, another one, cancelling, running again', async () => {
  const service = await serviceUnderTest();
  await create(service, 'done');
  await finish(service, await claimOne(service), { status: 'completed' });
  await create(service, 'waits');
  const page = await chromium.open();
  const now = async (id: string) => (await service.store.tasks.find(id)) ?? {};
  const press = (name: string) => page.getByRole('button', { name }).click();
  await page.goto(`${service.url}/tasks/done`);
  await press('Accepted');
  expect(await page.getByText('verdict: accepted').isVisible()).toBe(true);
  await press('Reverted');
  expect(await page.getByText('verdict: reverted').isVisible()).toBe(true);
  expect(await now('done')).toMatchObject({ verdict: 'reverted' });
  await page.goto(`${service.url}/tasks/waits`);
  await page.getByText('Cancel it …').click();
  await press('Cancel this task');
  expect(await page.getByRole('status').textContent()).toContain('Cancelled');
  expect(await now('waits')).toMatchObject({ status: 'cancelled' });
  await page.getByText('Run it again …').click();
  await press('Put it in the queue again');
  expect(await now('waits')).toMatchObject({ status: 'pending' });
});

test('what was over meanwhile is said, and nothing is done', async () => {
  const service = await serviceUnderTest();
  await create(service, 'quick');
  const page = await chromium.open();
  await page.goto(`${service.url}/tasks/quick`);
  await page.getByText('Cancel it …').click();
  await finish(service, await claimOne(service), { status: 'completed' });
  await page.getByRole('button', { name: 'Cancel this task' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('it has ended already');
  expect(await service.store.tasks.find('quick')).toMatchObject({ status: 'completed' });
});
