import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { alertAbout, deliver } from '../api/alert-payload.ts';
import { claimOne, create, finish } from '../api/movable-service.ts';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';

const chromium = useChromium();

/** The ids of the tasks that a list shows. */
const listed = (page: Page) => page.locator('tbody .id').allTextContents();

test('tasks by filters that stand in the address, and page by page', async () => {
  const service = await serviceUnderTest();
  for (let i = 0; i < 60; i++) await create(service, `t${i}`, { project: i % 2 ? 'shop' : 'billing' });
  await create(service, 'odd', { project: 'shop & "sons"', task_type: 'spec' });
  const page = await chromium.open();
  await page.goto(service.url);
  await page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .getByRole('link', { name: 'Tasks' })
    .click();
  expect(await listed(page)).toHaveLength(50);
  const first = await listed(page);
  await page.getByRole('link', { name: 'Older' }).click();
  const second = await listed(page);
  expect(new Set([...first, ...second]).size).toBe(61);
  expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Newest' }).click();
  expect(await listed(page)).toEqual(first);

  await page.getByLabel('Project').fill('shop & "sons"');
  await page.getByLabel('Type').selectOption('spec');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await listed(page)).toEqual(['odd']);
  expect(await page.getByLabel('Project').inputValue()).toBe('shop & "sons"');
  const { searchParams } = new URL(page.url());
  expect(searchParams.get('project')).toBe('shop & "sons"');
  await page.goto(`${service.url}/tasks?project=shop&status=failed&variant=none`);
  expect(await page.getByText('No task is like that.').isVisible()).toBe(true);
  await page.getByRole('link', { name: 'Show all' }).first().click();
  expect(await listed(page)).toHaveLength(50);
});

test('improvements by the alert of a message, by state and kind', async () => {
  const service = await serviceUnderTest();
  await deliver(service, [alertAbout('shop'), alertAbout('billing')]);
  const page = await chromium.open();
  const titles = () => page.getByRole('rowheader').allTextContents();
  await page.goto(`${service.url}/improvements?alert_fingerprint=f-billing`);
  expect(await titles()).toEqual([expect.stringContaining('billing')]);
  await page.goto(`${service.url}/improvements?state=proposed&kind=heal`);
  expect(await titles()).toHaveLength(2);
  await page.goto(`${service.url}/improvements?state=rejected`);
  expect(await page.getByText('No improvement is like that.').isVisible()).toBe(true);
  await page.goto(`${service.url}/improvements?alert_fingerprint=f-unknown`);
  expect(await page.getByText('Nothing is proposed because of this alert.').isVisible()).toBe(true);
});

test('before anything is there, each page says how to begin', async () => {
  const { url } = await serviceUnderTest();
  const page = await chromium.open();
  await page.goto(url);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('All is well');
  expect(await page.getByText('npx andon task "Say hello"').isVisible()).toBe(true);
  await page.goto(`${url}/tasks`);
  expect(await page.getByText('npx andon task "Say hello"').isVisible()).toBe(true);
  await page.goto(`${url}/improvements`);
  expect(await page.getByText('Nothing was proposed yet.').isVisible()).toBe(true);
});

test('what does not exist is a page for people and problem details for programs', async () => {
  const { url, get } = await serviceUnderTest();
  const page = await chromium.open();
  for (const path of [
    '/nothing',
    '/tasks/nothing',
    '/improvements/nothing',
    '/runbooks/Nothing',
    '/tasks/no/such/page',
  ]) {
    expect((await page.goto(url + path))?.status(), path).toBe(404);
    expect(await page.getByRole('heading', { level: 1 }).textContent(), path).toBe('Not found');
    await page.getByRole('link', { name: 'Overview' }).last().click();
    expect(new URL(page.url()).pathname, path).toBe('/');
  }
  expect((await page.goto(`${url}/tasks?status=lost`))?.status()).toBe(400);
  for (const path of ['/nothing', '/api/agent/tasks/nothing']) {
    const { status, headers } = await get(path);
    expect([status, headers.get('content-type')], path).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  }
  const { headers } = await get('/api/nothing', { accept: 'text/html' });
  expect(headers.get('content-type')).toContain('application/problem+json');
});

test('from a proposal to the failed tasks that it is about', async () => {
  const service = await serviceUnderTest();
  const failed = { status: 'failed', error_class: 'verify_failed' };
  for (const [id, project] of Object.entries({ mine: 'shop', other: 'billing' })) {
    await create(service, id, { project, task_type: 'test', max_attempts: 1 });
    await finish(service, await claimOne(service), failed);
  }
  await create(service, 'waiting', { project: 'shop', task_type: 'test' });
  await deliver(service, [alertAbout('shop')]);
  const page = await chromium.open();
  await page.goto(`${service.url}/improvements`);
  await page.getByRole('link', { name: /test tasks of shop/ }).click();
  await page.getByRole('link', { name: 'those that failed' }).click();
  expect(await listed(page)).toEqual(['mine']);
});
