import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertCategories, severities } from '../../src/monitoring/alert-declaration.ts';
import { alertmanagerConfig } from '../../src/monitoring/alertmanager-config.ts';
import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { messageTemplates } from '../../src/monitoring/message-templates.ts';
import { notifications } from '../../src/monitoring/notifications.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-routes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const everybody = notifications.parse({
  slack: { webhook_url: 'https://hooks.slack.example/services/T/B/x', channel: '#agents' },
  email: {
    to: ['a@example.org', 'b@example.org'],
    from: 'andon@example.org',
    smarthost: 'mail.example.org:587',
  },
  webhook: { url: 'https://example.org/hook' },
  heartbeat_url: 'https://example.org/alive',
  mute: [
    { days: ['saturday', 'sunday'], timezone: 'Europe/Berlin' },
    { from: '22:00', to: '07:00', days: ['sunday'], timezone: 'America/New_York', critical: true },
  ],
});

/** Writes the files that an Alertmanager with these settings gets. */
async function configFile(name: string, settings?: typeof everybody): Promise<string> {
  const file = join(folder, `${name}.yml`);
  const templatesFile = join(folder, `${name}.tmpl`);
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'not a token');
  await writeFile(templatesFile, messageTemplates('https://andon.example.org'));
  const objectives = profiles.default;
  const serviceUrl = 'http://127.0.0.1:8000';
  await writeFile(
    file,
    alertmanagerConfig({ objectives, serviceUrl, tokenFile, templatesFile, notifications: settings }),
  );
  return file;
}

/** The receivers that an alert with these labels goes to, in order. */
async function receiversOf(file: string, labels: Record<string, string>): Promise<string> {
  const args = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { tool } = neededServer('alertmanager');
  const { code, output } = await runProgram(tool, [
    'config',
    'routes',
    'test',
    `--config.file=${file}`,
    ...args,
  ]);
  expect(code, output).toBe(0);
  // Before it, amtool warns that it was given a file.
  return output.trim().split('\n').at(-1) ?? '';
}

const settings = { nobody: undefined, everybody };

describe.each(['nobody', 'everybody'] as const)('%s is told', (who) => {
  test('amtool finds no fault with alertmanager.yml', async () => {
    const { tool } = neededServer('alertmanager');
    const { code, output } = await runProgram(tool, ['check-config', await configFile(who, settings[who])]);
    expect(code, output).toBe(0);
  });

  const kinds = severities.flatMap((severity) => alertCategories.map((category) => ({ severity, category })));
  test.each(kinds)('of $severity about $category', async ({ severity, category }) => {
    const file = await configFile(who, settings[who]);
    const people = who === 'everybody' && severity !== 'info' ? 'andon-people,' : '';
    const labels = { alertname: 'AgentSomething', component: 'andon', severity, category };
    expect(await receiversOf(file, labels)).toBe(`${people}andon`);
  });

  test('not of what is not Andon’s, which the webhook stores', async () => {
    const file = await configFile(who, settings[who]);
    expect(await receiversOf(file, { alertname: 'DiskFull', severity: 'critical' })).toBe('andon');
  });

  test('every alert that is declared reaches the webhook', async () => {
    const file = await configFile(who, settings[who]);
    for (const { name: alertname, severity, category } of alertDeclarations) {
      const found = await receiversOf(file, {
        alertname,
        severity,
        category,
        component: 'andon',
        project: 'shop',
      });
      expect(found.split(',')).toContain('andon');
    }
  });
});

test('the heartbeat goes to its own receiver, and the report to people alone', async () => {
  const file = await configFile('everybody', everybody);
  const watchdog = { alertname: 'Watchdog', component: 'andon', severity: 'info', category: 'self' };
  expect(await receiversOf(file, watchdog)).toBe('andon-heartbeat,andon');
  const report = { alertname: 'AndonReport', component: 'andon', severity: 'info', category: 'report' };
  expect(await receiversOf(file, report)).toBe('andon-report');
});
