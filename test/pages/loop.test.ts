import { expect, test } from 'vitest';
import { alertAbout, deliver } from '../api/alert-payload.ts';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';
import { submitToken } from './signed-in.ts';

const chromium = useChromium();

async function proposal() {
  const service = await serviceUnderTest();
  await deliver(service, [alertAbout('shop')]);
  const [item] = (await service.store.improvements.list({ limit: 1 })).items;
  return {
    service,
    link: `${service.url}/improvements?alert_fingerprint=f-shop`,
    title: item?.title ?? '',
    id: item?.id,
  };
}

test('from a message’s link to a task: sign in, change what it is told, approve', async () => {
  const { service, link, title } = await proposal();
  const page = await chromium.open();
  await page.goto(link);
  await page.getByRole('link', { name: title }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Sign in to approve or reject' }).click();
  // A name for password managers is there, and not to be seen.
  expect(await page.getByRole('textbox').count()).toBe(1);
  await submitToken(page, service.adminToken);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);

  const told = page.getByLabel('What it is told');
  expect(await told.inputValue()).toContain('<alert-data>');
  const mine = '\n  Mend the cart first.\n\n"Quotes" & <tags>\n';
  await told.fill(mine);
  await page.getByLabel('Priority').fill('7');
  await page.getByLabel(/^Reason/).fill('seen it before');
  await page.getByRole('button', { name: 'Approve' }).click();

  expect(await page.getByRole('status').textContent()).toContain('Approved');
  expect(await page.getByText('scheduled', { exact: false }).first().isVisible()).toBe(true);
  const [task] = (await service.store.tasks.list({ limit: 1 })).items;
  expect(task).toMatchObject({
    direction: mine,
    priority: 7,
    origin: expect.stringContaining('improvement:'),
  });
  await page.getByRole('link', { name: task?.id ?? '' }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Mend the cart first.');
  expect(await page.locator('.words').textContent()).toBe(mine);
});

test('rejected with a reason, which is kept', async () => {
  const { service, link, title, id = '' } = await proposal();
  const page = await chromium.open();
  await page.goto(`${service.url}/sign-in?next=${encodeURIComponent(new URL(link).pathname)}`);
  await submitToken(page, service.adminToken);
  await page.getByRole('link', { name: title }).click();
  await page.getByLabel(/^Reason/).fill('the base branch is mended already');
  await page.getByRole('button', { name: 'Reject' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Rejected');
  expect(await page.getByText('the base branch is mended already').isVisible()).toBe(true);
  expect(await service.store.improvements.find(id)).toMatchObject({ state: 'rejected', decided_by: 'admin' });
  expect((await service.store.tasks.list({ limit: 1 })).items).toEqual([]);
});

test('somebody else was quicker: said plainly, and what was typed is not lost', async () => {
  const { service, title, id = '' } = await proposal();
  const page = await chromium.open();
  await page.goto(`${service.url}/sign-in?next=/improvements/${id}`);
  await submitToken(page, service.adminToken);
  await page.getByLabel('What it is told').fill('My own words, which took me a while.');
  await service.send('POST', `/api/agent/improvements/${id}/reject`, { reason: 'no' }, { admin: true });
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('alert').textContent()).toContain(
    'is rejected: only a proposed one can be decided',
  );
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);
  expect(await page.getByLabel('direction').inputValue()).toBe('My own words, which took me a while.');
});

test('a form that is wrong is shown again, with what was typed and why', async () => {
  const { service, id = '' } = await proposal();
  const page = await chromium.open();
  await page.goto(`${service.url}/sign-in?next=/improvements/${id}`);
  await submitToken(page, service.adminToken);
  await page.getByLabel('What it is told').fill('Mend it.');
  await page.getByLabel('Priority').fill('100000');
  // A browser would not send it: another program may.
  await page.evaluate('document.querySelector("form.card").noValidate = true');
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Priority Too big');
  expect(await page.getByLabel('What it is told').inputValue()).toBe('Mend it.');
  expect((await service.store.improvements.find(id))?.state).toBe('proposed');
});

test('by keyboard alone', async () => {
  const { service, id = '' } = await proposal();
  const page = await chromium.open();
  await page.goto(`${service.url}/improvements/${id}`);
  const press = async (key: string, until: () => Promise<boolean>) => {
    for (let i = 0; i < 40 && !(await until()); i++) await page.keyboard.press(key);
    expect(await until()).toBe(true);
  };
  const inFocus = () => page.evaluate('document.activeElement.textContent.trim()');
  const focused = (name: string) => async () => (await inFocus()) === name;
  await page.keyboard.press('Tab');
  expect(await inFocus()).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await press('Tab', focused('Sign in to approve or reject'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sign-in**');
  // The field has the focus.
  await page.keyboard.type(service.adminToken);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/improvements/**');
  await press('Tab', focused('Approve'));
  await page.keyboard.press('Enter');
  await page.getByRole('status').waitFor();
  expect((await service.store.improvements.find(id))?.state).toBe('scheduled');
});
