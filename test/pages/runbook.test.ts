import { expect, test } from 'vitest';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';

const chromium = useChromium();

test('a runbook is a page with headings to link to, commands to copy, and links to others', async () => {
  const { url } = await serviceUnderTest();
  const page = await chromium.open();
  await page.goto(`${url}/runbooks/AgentRepeatedFailures#mitigation`);
  expect(await page.locator(':target').textContent()).toBe('Mitigation');
  expect(await page.locator('pre').allTextContents()).toContain(
    'npx andon improvements\nnpx andon approve ID',
  );
  await page.getByRole('link', { name: 'an alert of their own' }).click();
  expect(new URL(page.url()).pathname).toBe('/runbooks/AgentTaskTimeouts');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('AgentTaskTimeouts');
});

test('every link of every runbook leads somewhere', async () => {
  const { url, get } = await serviceUnderTest();
  const { alertDeclarations } = await import('../../src/monitoring/alerts/registry.ts');
  for (const { name } of alertDeclarations) {
    const path = `/runbooks/${name}`;
    const { text } = await get(path, { accept: 'text/html' });
    const targets = [...text.matchAll(/<article[\s\S]*/g)].flatMap(([article]) =>
      [...article.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => new URL(href, url + path)),
    );
    for (const target of targets.filter(({ origin }) => origin === url)) {
      expect((await get(target.pathname, { accept: 'text/html' })).status, `${path} → ${target}`).toBe(200);
    }
  }
});

test('who asks for no HTML gets the Markdown', async () => {
  const { get } = await serviceUnderTest();
  for (const accept of ['*/*', 'text/markdown', 'text/plain']) {
    const { text, headers } = await get('/runbooks/AgentRepeatedFailures', { accept });
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(text).toMatch(/^# AgentRepeatedFailures\n/);
  }
  expect((await get('/', { accept: '*/*' })).text).toContain('/api/agent/tasks');
});
