import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { html } from '../../src/pages/html.ts';
import { alertAbout, deliver } from '../api/alert-payload.ts';
import { claimOne, create, finish } from '../api/movable-service.ts';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';
import { signIn } from './signed-in.ts';

const chromium = useChromium();

const hostile = [
  '</pre></textarea></title></style></main><script>document.title = "owned"</script>',
  '<img src=x onerror="document.title = \'owned\'"><svg onload=alert(1)><a href="javascript:alert(1)">click</a>',
  '" autofocus onfocus="document.title = `owned`" x="',
  '<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example/">',
  '<form action="https://evil.example"><input name="token"><style>body { display: none }</style>',
].join('\n');

/** What a page does that it may not: scripts, requests elsewhere, errors on the console. */
function watch(page: Page, url: string): string[] {
  const seen: string[] = [];
  page.on('console', (message) => void seen.push(message.text()));
  page.on('pageerror', (error) => void seen.push(error.message));
  page.on('dialog', (dialog) => void seen.push(dialog.message()));
  page.on('request', (request) => void (request.url().startsWith(url) || seen.push(request.url())));
  return seen;
}

test('text from outside is shown as it is and does nothing, scripts switched on', async () => {
  const service = await serviceUnderTest();
  const { labels } = alertAbout('shop');
  const line = hostile.replaceAll('\n', ' ').slice(0, 120);
  const annotations = { summary: hostile, description: hostile, runbook_url: 'javascript:alert(1)' };
  await deliver(service, [
    alertAbout('shop', { labels: { ...labels, project: line, note: hostile }, annotations }),
    alertAbout('x', { labels: { ...labels, alertname: '(?<[*\\' }, annotations }),
  ]);
  await create(service, 'evil', {
    direction: hostile,
    project: line,
    max_attempts: 1,
    tags: [line.slice(0, 60)],
  });
  await finish(
    service,
    await claimOne(service),
    { status: 'failed', error_class: 'nonzero_exit' },
    {
      error_message: hostile,
      log_tail: `\u001b[31m${hostile}\u001b[0m\n`,
      branch: line,
      pull_request: 'javascript:alert(1)',
    },
  );
  const [proposal] = (await service.store.improvements.list({ limit: 1 })).items;
  const page = await chromium.open({ javaScriptEnabled: true });
  await signIn(page, service);
  const seen = watch(page, service.url);
  const paths = [
    '/',
    '/tasks',
    `/tasks?${new URLSearchParams({ project: line })}`,
    '/tasks/evil',
    '/improvements',
    `/improvements/${proposal?.id}`,
    `/sign-in?next=${encodeURIComponent(hostile)}`,
  ];
  for (const path of paths) {
    expect((await page.goto(service.url + path))?.status(), path).toBe(200);
    expect(await page.title(), path).toContain('Andon');
    expect(await page.title(), path).not.toBe('owned');
    expect(
      await page.locator('script, [onerror], [onload], [onfocus], base, meta[http-equiv], svg').count(),
      path,
    ).toBe(0);
    expect(await page.locator('a[href^="javascript:"]').count(), path).toBe(0);
    expect(await page.getByRole('navigation', { name: 'Pages', exact: true }).isVisible(), path).toBe(true);
  }
  await page.goto(`${service.url}/tasks/evil`);
  expect(await page.locator('.log').textContent()).toBe(`${hostile}\n`);
  expect(await page.locator('.words').textContent()).toBe(hostile);
  await page.goto(`${service.url}/improvements/${proposal?.id}`);
  expect(await page.getByLabel('What it is told').inputValue()).toBe(proposal?.task.direction);
  expect(seen).toEqual([]);
});

test('any text reads back from text, attributes and fields as it was', async () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '&',
          '"',
          "'",
          '&amp;',
          '&#39;',
          '</p>',
          '-->',
          ']]>',
          '\r',
          '\n',
          '\r\n',
          '\u2028',
          '`',
          '=',
          ' ',
        ),
      )
      .map((parts) => parts.join('')),
  );
  const texts = fc.sample(pieces, 400);
  const page = await chromium.open();
  const document = html`<!doctype html><meta charset="utf-8">${texts.map(
    (text) => html`<p title="${text}">${text}</p><textarea>
${text}</textarea>`,
  )}`;
  await page.setContent(document.toString());
  const read: unknown = await page.evaluate(`
    [...document.querySelectorAll('p')].map((one) => [one.title, one.textContent, one.nextSibling.textContent])`);
  // U+0000 is the one character that HTML has no way to write.
  const expected = texts
    .map((text) => text.toWellFormed().replaceAll('\0', '\u{fffd}'))
    .map((text) => [text, text, text]);
  expect(read).toEqual(expected);
});

test('a value can only be an attribute in quotes', () => {
  expect(() => html`<p title=${'x onclick=y'}>`).toThrow('without quotes');
  expect(String(html`<p>a=${'b'}</p>`)).toBe('<p>a=b</p>');
});

test('every page comes with the headers that keep it to itself', async () => {
  const { get, url } = await serviceUnderTest();
  for (const path of [
    '/',
    '/tasks',
    '/improvements',
    '/sign-in',
    '/nothing',
    '/tasks/nothing',
    '/runbooks/Watchdog',
  ]) {
    const { headers } = await get(path, { accept: 'text/html' });
    const policy =
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    expect(headers.get('content-security-policy'), path).toBe(policy);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('referrer-policy'), path).toBe('same-origin');
    expect(headers.get('cache-control'), path).toBe('no-store');
  }
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  const style = await get(new URL(/rel="stylesheet" href="([^"]+)"/.exec(page)?.[1] ?? '', url).pathname);
  expect(style.headers.get('cache-control')).toContain('immutable');
  expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
});
