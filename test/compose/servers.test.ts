import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { notifications } from '../../src/monitoring/notifications.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { ownStackFiles } from '../../src/monitoring/own-stack.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';
import { temporaryFolder } from '../service-under-test.ts';
import { bindsOf, composeFile, composeServices, given, root } from './compose-file.ts';

/** What a container would see of the project: its mounts, below a folder in place of `/`. */
async function mounted(
  name: 'prometheus' | 'alertmanager',
  env: Record<string, string> = given,
): Promise<string> {
  const folder = temporaryFolder();
  const service = composeFile(env).services[name];
  if (!service) throw new Error(`no service ${name}`);
  for (const { source, target } of bindsOf(service)) {
    await mkdir(dirname(join(folder, target)), { recursive: true });
    await cp(source.startsWith('/') ? source : join(root, source), join(folder, target), { recursive: true });
  }
  await mkdir(join(folder, 'run/andon'), { recursive: true });
  await writeFile(join(folder, 'run/andon/token'), 'not a token');
  return folder;
}

/** The path that a server is told of on its command line, with the absolute ones in that file put below the folder. */
async function configOf(name: 'prometheus' | 'alertmanager', folder: string): Promise<string> {
  const { command = [] } = composeFile().services[name] ?? {};
  const path = /^--config\.file=(.*)$/.exec(
    command.find((flag) => flag.startsWith('--config.file')) ?? '',
  )?.[1];
  const file = join(folder, path ?? 'none');
  const config = await readFile(file, 'utf8');
  await writeFile(file, config.replaceAll(/(?<=["\s])\/(?=(etc|run)\/)/g, `${folder}/`));
  return file;
}

async function passes(tool: string, args: string[]): Promise<string> {
  const { code, output } = await runProgram(tool, args);
  expect(code, output).toBe(0);
  return output;
}

test('Prometheus takes what is mounted for it: configuration, rules and token', async () => {
  const folder = await mounted('prometheus');
  const output = await passes(neededServer('prometheus').tool, [
    'check',
    'config',
    await configOf('prometheus', folder),
  ]);
  expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
  await writeFile(join(folder, 'etc/prometheus/rules/andon.recording.yml'), 'groups: [{}]');
  expect(
    (
      await runProgram(neededServer('prometheus').tool, [
        'check',
        'config',
        join(folder, 'etc/prometheus/prometheus.yml'),
      ])
    ).code,
  ).not.toBe(0);
});

test('Alertmanager takes what is mounted for it: configuration and templates', async () => {
  const folder = await mounted('alertmanager');
  const output = await passes(neededServer('alertmanager').tool, [
    'check-config',
    await configOf('alertmanager', folder),
  ]);
  expect(output).toContain(' 1 templates');
  expect(output).toContain(' 1 receivers');
});

test('each calls the others by the names and ports that they have there', async () => {
  const prometheus = parse(await readFile(join(root, 'compose/prometheus.yml'), 'utf8'));
  const jobs: {
    job_name: string;
    static_configs?: { targets: string[] }[];
    http_sd_configs?: { url: string }[];
  }[] = prometheus.scrape_configs;
  const called = [
    ...jobs.flatMap(({ static_configs = [] }) => static_configs.flatMap(({ targets }) => targets)),
    ...jobs.flatMap(({ http_sd_configs = [] }) => http_sd_configs.map(({ url }) => new URL(url).host)),
    ...prometheus.alerting.alertmanagers[0].static_configs[0].targets,
  ];
  const ports = composeServices().flatMap(([name, { ports = [] }]) =>
    ports.map((port) => `${name}:${port.split(':').at(-1)}`),
  );
  expect(new Set(called)).toEqual(new Set(['service:8000', 'localhost:9090', 'alertmanager:9093']));
  expect(ports).toEqual(expect.arrayContaining(['service:8000', 'prometheus:9090', 'alertmanager:9093']));
  const { receivers } = parse(await readFile(join(root, 'compose/alertmanager.yml'), 'utf8'));
  expect(receivers[0].webhook_configs[0]).toMatchObject({
    url: 'http://service:8000/api/alerts',
    http_config: { authorization: { credentials_file: '/run/andon/token' } },
  });
});

test('somebody’s own thresholds and receivers go into the same places', async () => {
  const out = temporaryFolder();
  const files = ownStackFiles(
    {
      objectives: {
        ...profiles.default,
        repeated_failures: { ...profiles.default.repeated_failures, window: '3h', count: 7 },
      },
      notifications: notifications.parse({ webhook: { url: 'https://example.org/hook' } }),
      serviceUrl: 'http://127.0.0.1:8000',
      publicUrl: 'https://andon.example.org',
      tokens: true,
    },
    'compose',
  );
  for (const { path, content } of files) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), content);
  }
  const env = { ...given, ANDON_STACK: out };
  const prometheus = await mounted('prometheus', env);
  await passes(neededServer('prometheus').tool, [
    'check',
    'config',
    await configOf('prometheus', prometheus),
  ]);
  const rules = await readFile(join(prometheus, 'etc/prometheus/alerts/andon.alerts.yml'), 'utf8');
  expect(rules).toMatch(/\[3h\][\s\S]*>= 7/);
  const alertmanager = await mounted('alertmanager', env);
  const output = await passes(neededServer('alertmanager').tool, [
    'check-config',
    await configOf('alertmanager', alertmanager),
  ]);
  expect(output).not.toContain(' 1 receivers');
  expect(await readFile(join(alertmanager, 'etc/alertmanager/andon.tmpl'), 'utf8')).toContain(
    'https://andon.example.org',
  );
});
