// `npm run test:grafana`: a real Grafana shows every dashboard of a pipeline that has just gone once round the loop, and
// Chromium looks at them. Without a Grafana it says so and exits with 0.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { apiClientFor } from '../../src/app/api-client.ts';
import { type Instance, startInstance } from '../../src/app/instance.ts';
import { parseConfig } from '../../src/config.ts';
import { dashboardsFolder } from '../../src/monitoring/grafana-provisioning.ts';
import { type FoundGrafana, findGrafana } from '../../src/stack/find-grafana.ts';
import { startGrafana } from '../../src/stack/grafana.ts';
import { startChromium } from '../browser/chromium.ts';
import { root } from '../compose/compose-file.ts';
import { goRound, roundSettings } from '../compose/round.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const dashboard = z.object({ uid: z.string(), title: z.string() });
type Dashboard = z.infer<typeof dashboard>;

async function readDashboards(): Promise<Dashboard[]> {
  const folder = join(root, dashboardsFolder);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => dashboard.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
}

function startPipeline(folder: string): Promise<Instance> {
  const config = parseConfig({
    ...roundSettings,
    data_dir: join(folder, 'data'),
    service: { ...roundSettings.service, port: 0 },
    runner: { ...roundSettings.runner, metrics_port: 0 },
    monitoring: { ...roundSettings.monitoring, prometheus: { port: 0 }, alertmanager: { port: 0 } },
  });
  return startInstance(config, { logger: pino({ level: 'silent' }), env: process.env, say });
}

/** The panels with an error, and those that say "No data": each has words of its own for having nothing to show. */
async function faultsOf(page: Page, url: string): Promise<string[]> {
  await page.goto(url, { waitUntil: 'networkidle' });
  const settled = `document.querySelector('[aria-label="Panel loading bar"]') === null`;
  await page.waitForFunction(settled, undefined, { timeout: 60_000 });
  const panels = page.locator('[data-testid^="data-testid Panel header"]');
  const faults: string[] = [];
  for (const panel of await panels.all()) {
    const title = (await panel.getAttribute('data-testid'))?.replace('data-testid Panel header', '').trim();
    if ((await panel.locator('[data-testid="data-testid Panel status error"]').count()) > 0)
      faults.push(`${title}: an error`);
    if ((await panel.getByText('No data', { exact: true }).count()) > 0) faults.push(`${title}: No data`);
  }
  if ((await panels.count()) === 0) faults.push('no panel at all');
  return faults;
}

async function look(browser: Browser, grafanaUrl: string): Promise<number> {
  // High, since Grafana draws only what is in view.
  const page = await browser.newPage({ viewport: { width: 1280, height: 8000 } });
  let wrong = 0;
  for (const { uid, title } of await readDashboards()) {
    const faults = await faultsOf(page, `${grafanaUrl}/d/${uid}?from=now-15m&to=now&kiosk`);
    say(`${title}: ${faults.length === 0 ? 'shows what it should' : faults.join('; ')}`);
    wrong += faults.length;
  }
  return wrong;
}

async function check(grafana: FoundGrafana, folder: string): Promise<number> {
  const instance = await startPipeline(folder);
  const ending = [() => instance.close()];
  try {
    const { service, monitoring } = instance;
    await goRound(
      apiClientFor(service.url, () => service.adminToken),
      say,
    );
    const server = await startGrafana({
      grafana,
      port: 0,
      dataDir: join(folder, 'grafana'),
      publicUrl: service.publicUrl,
      prometheusUrl: monitoring.prometheus?.url,
      alertmanagerUrl: monitoring.alertmanager?.url,
      env: process.env,
      say,
    });
    ending.push(() => server.stop());
    const browser = await startChromium();
    ending.push(() => browser.close());
    return await look(browser, server.url);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function main(): Promise<void> {
  const grafana = await findGrafana(process.env);
  if (!grafana.found) {
    say(`skipped: ${grafana.reason}`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'andon-grafana-'));
  try {
    if ((await check(grafana, folder)) > 0) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

await main();
