import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { createService, type Service } from '../../src/app/service.ts';
import { parseConfig } from '../../src/config.ts';
import { startChromium } from '../browser/chromium.ts';
import { fillPipeline, sampleSettings } from './sample-pipeline.ts';

const out = join(import.meta.dirname, '../../docs/images');
const sizes = {
  wide: { width: 1200, height: 800 },
  tall: { width: 1200, height: 1210 },
  phone: { width: 390, height: 844 },
};

interface Shot {
  name: string;
  path: string;
  scheme: 'light' | 'dark';
  size: keyof typeof sizes;
}

/** What `docs/images` has: `npm run screenshots` makes it. `--all` takes every page in every way, to be looked at. */
const shots: Shot[] = [
  { name: 'overview-light', path: '/', scheme: 'light', size: 'wide' },
  { name: 'overview-phone-dark', path: '/', scheme: 'dark', size: 'phone' },
  { name: 'improvement-dark', path: '/improvements/*', scheme: 'dark', size: 'tall' },
  { name: 'task-light', path: '/tasks/test-cart', scheme: 'light', size: 'wide' },
];

const everywhere = [
  '/',
  '/tasks',
  '/tasks/test-cart',
  '/tasks/returns-window',
  '/tasks/parse-csv',
  '/improvements',
  '/improvements/*',
  '/runbooks/AgentBudgetExceeded',
  '/sign-in',
  '/nothing',
];

await main(process.argv.includes('--all'));

async function main(all: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-screenshots-'));
  const target = all ? join(tmpdir(), 'andon-screenshots') : out;
  mkdirSync(target, { recursive: true });
  let now = Date.parse('2026-03-02T07:30:00Z');
  const config = parseConfig({ data_dir: folder, ...sampleSettings, service: { port: 0 } });
  const service = await createService(config, pino({ level: 'error' }), () => now);
  const browser = await startChromium();
  try {
    const pass = async (seconds: number) => {
      now += seconds * 1000;
      await service.store.beat();
    };
    await fillPipeline({ service, folder, pass });
    for (const shot of all ? everyShot() : shots) {
      const context = await browser.newContext({
        viewport: sizes[shot.size],
        colorScheme: shot.scheme,
        javaScriptEnabled: false,
      });
      const page = await context.newPage();
      await signIn(page, service);
      await page.goto(service.url + (await pathOf(shot.path, service)));
      await page.screenshot({ path: join(target, `${shot.name}.png`), fullPage: all });
      await context.close();
    }
  } finally {
    await browser.close();
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function everyShot(): Shot[] {
  return everywhere.flatMap((path) =>
    (['light', 'dark'] as const).flatMap((scheme) =>
      (['wide', 'phone'] as const).map((size) => ({
        name: `${path.slice(1).replaceAll(/[^a-zA-Z]+/g, '-') || 'overview'}-${size}-${scheme}`,
        path,
        scheme,
        size,
      })),
    ),
  );
}

async function signIn(page: Page, { url, adminToken }: Service): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Token').fill(adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // What the sign-in says is said once.
  await page.goto(url);
}

async function pathOf(path: string, { store }: Service): Promise<string> {
  if (!path.includes('*')) return path;
  const { items } = await store.improvements.list({ limit: 1 });
  return path.replace('*', items[0]?.id ?? '');
}
