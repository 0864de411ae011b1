import { expect, test } from 'vitest';
import { useChromium } from '../browser/chromium.ts';
import { serviceUnderTest } from '../service-under-test.ts';
import { fillPipeline, sampleSettings } from './sample-pipeline.ts';
import { signIn } from './signed-in.ts';

const chromium = useChromium();

/** A service with work of every kind in it, names of the longest kind too, and the paths of its pages. */
async function sample() {
  let now = Date.parse('2026-03-02T07:30:00Z');
  const service = await serviceUnderTest(sampleSettings, () => now);
  const pass = async (seconds: number) => {
    now += seconds * 1000;
    await service.store.beat();
  };
  await fillPipeline({ service, folder: service.folder, pass });
  const long = 'x'.repeat(128);
  const request = { id: 'l'.repeat(64), direction: long, project: long, model: long, task_type: 'impl' };
  await service.send('POST', '/api/agent/tasks', request);
  const [improvement] = (await service.store.improvements.list({ limit: 1 })).items;
  const paths = [
    '/',
    '/tasks',
    '/tasks/test-cart',
    '/tasks/returns-window',
    '/tasks/parse-csv',
    `/tasks/${request.id}`,
    '/improvements',
    `/improvements/${improvement?.id}`,
    '/runbooks/AgentBudgetExceeded',
    '/sign-in',
    '/nothing',
  ];
  return { service, paths };
}

test('each page is readable in both schemes, fits a phone, and says what everything is', async () => {
  const { service, paths } = await sample();
  const page = await chromium.open();
  await signIn(page, service);
  for (const path of paths) {
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.goto(service.url + path);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(lowContrast), `contrast of ${path}, ${colorScheme}`).toEqual([]);
    }
    expect(await page.getByRole('main').count(), path).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).count(), path).toBe(1);
    expect(await page.evaluate(unnamed), path).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(widest), `width of ${path}`).toBeLessThanOrEqual(360);
    expect(await page.evaluate(cut), `cut on ${path}`).toEqual([]);
  }
});

const widest = 'document.documentElement.scrollWidth';

/** Cells whose text goes on where nobody can see it. */
const cut = `[...document.querySelectorAll('td > div')]
  .filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX !== 'visible')
  .map((one) => one.textContent)`;

/** Fields without a label, tables without a caption, headings of no column or row. */
const unnamed = `[
  ...[...document.querySelectorAll('input:not([type=hidden], [hidden]), select, textarea')].filter((one) => one.labels.length === 0),
  ...[...document.querySelectorAll('table')].filter((one) => !one.caption),
  ...document.querySelectorAll('th:not([scope])'),
].map((one) => one.outerHTML)`;

/** Texts whose contrast with what is behind them is under 4.5 (WCAG 2.2, 1.4.3). */
const lowContrast = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
  };
  const texts = [...document.querySelectorAll('body *')].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.flatMap((one) => {
    const pair = [luminance(parse(getComputedStyle(one).color)), luminance(ground(one))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    return ratio < 4.5 ? [one.tagName + ' ' + one.className + ' ' + ratio.toFixed(2)] : [];
  });
})()`;

test('behind a proxy that serves Andon below a path, links and forms stay below it', async () => {
  const { service } = await sample();
  const page = await (await fetch(`${service.url}/tasks/test-cart`)).text();
  const addresses = [...page.matchAll(/(?:href|action|src)="([^"#][^"]*)"/g)].map(
    ([, address = '']) => address,
  );
  expect(addresses.length).toBeGreaterThan(5);
  const below = addresses.map(
    (address) => new URL(address, 'https://example.org/andon/tasks/test-cart').pathname,
  );
  expect(below.filter((path) => !path.startsWith('/andon/'))).toEqual([]);
});
