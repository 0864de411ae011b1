import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { notifications } from '../../src/monitoring/notifications.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { type OwnStackOptions, ownStackFiles } from '../../src/monitoring/own-stack.ts';
import type { StackFormat } from '../../src/monitoring/stack-format.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-own-stack-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options: OwnStackOptions = {
  objectives: {
    ...profiles.default,
    repeated_failures: { ...profiles.default.repeated_failures, window: '3h', count: 7 },
  },
  notifications: notifications.parse({
    webhook: { url: 'https://example.org/hook' },
    mute: [{ days: ['sunday'] }],
  }),
  serviceUrl: 'https://andon.internal:8443',
  publicUrl: 'https://andon.example.org',
  tokens: true,
};

/** Writes the files, and answers how to read one. */
async function generated(format: StackFormat, changes: Partial<OwnStackOptions> = {}) {
  const base = join(folder, format);
  for (const { path, content } of ownStackFiles({ ...options, ...changes }, format)) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), content);
  }
  return (path: string) => readFile(join(base, path), 'utf8');
}

async function passes(tool: string, args: string[]): Promise<string> {
  const { code, output } = await runProgram(tool, args);
  expect(code, output).toBe(0);
  return output.trim().split('\n').at(-1) ?? '';
}

test('a Prometheus of one’s own takes the rules, with one’s own thresholds, and the jobs', async () => {
  const read = await generated('files');
  const { tool } = neededServer('prometheus');
  const rules = ['recording', 'alerts'].map((name) =>
    join(folder, `files/prometheus/rules/andon.${name}.yml`),
  );
  await passes(tool, ['check', 'rules', '--lint=all', '--lint-fatal', ...rules]);
  expect(await read('prometheus/rules/andon.alerts.yml')).toMatch(/\[3h\][\s\S]*>= 7/);
  expect(await read('prometheus/rules/andon.alerts.yml')).toContain('https://andon.example.org/runbooks/');

  const token = join(folder, 'token');
  await writeFile(token, 'not a token');
  const scrape = (await read('prometheus/andon.scrape.yml')).replaceAll(
    '/etc/prometheus/andon-read-token',
    token,
  );
  const config = { rule_files: rules, ...parse(scrape) };
  await writeFile(join(folder, 'prometheus.yml'), stringify(config));
  await passes(tool, ['check', 'config', '--lint=all', '--lint-fatal', join(folder, 'prometheus.yml')]);
  expect(config.scrape_configs[0]).toMatchObject({
    job_name: 'andon',
    scheme: 'https',
    static_configs: [{ targets: ['andon.internal:8443'] }],
  });
});

test('merged into an Alertmanager of one’s own, Andon’s alerts reach the webhook and the receivers of before', async () => {
  const read = await generated('files', { tokens: false });
  const ours = parse(
    (await read('alertmanager/andon.yml')).replace('/etc/alertmanager', `${folder}/files/alertmanager`),
  );
  const config = {
    ...ours,
    route: {
      receiver: 'mine',
      routes: [
        ...ours.route.routes,
        { receiver: 'pager', matchers: ['severity="critical"'] },
        { receiver: 'mine' },
      ],
    },
    receivers: [...ours.receivers, { name: 'mine' }, { name: 'pager' }],
  };
  const file = join(folder, 'alertmanager.yml');
  await writeFile(file, stringify(config));
  const { tool } = neededServer('alertmanager');
  await passes(tool, ['check-config', file]);
  const receiversOf = (...labels: string[]) =>
    passes(tool, ['config', 'routes', 'test', `--config.file=${file}`, ...labels]);
  expect(await receiversOf('alertname=AgentX', 'component=andon', 'severity=critical')).toBe(
    'andon-people,andon,pager',
  );
  expect(await receiversOf('alertname=AgentX', 'component=andon', 'severity=info')).toBe('andon,mine');
  expect(await receiversOf('alertname=Watchdog', 'component=andon')).toBe('andon,mine');
  expect(await receiversOf('alertname=AndonReport', 'component=andon')).toBe('andon-report,mine');
  expect(await receiversOf('alertname=DiskFull', 'severity=critical')).toBe('pager');
});

test('the dashboards are the project’s own, with links to one’s own address', async () => {
  for (const format of ['files', 'prometheus-operator'] as const) {
    const read = await generated(format, { publicUrl: 'https://andon.example.org/x/' });
    const dashboard = JSON.parse(await read('grafana/dashboards/andon-pipeline.json'));
    const { uid, templating } = dashboard;
    expect(uid).toBe('andon-pipeline');
    const urls = templating.list.filter(({ name }: { name: string }) => name === 'andon_url');
    expect(urls).toMatchObject([{ type: 'constant', query: 'https://andon.example.org/x' }]);
    expect(await read('README.md')).toContain('grafana/dashboards');
  }
});

test('as objects of the prometheus-operator it is the same rules, under the jobs that they know', async () => {
  const read = await generated('prometheus-operator');
  const plain = await generated('files');
  const object = async (name: string) => parse(await read(`kubernetes/${name}.yaml`));
  const rule = await object('prometheus-rule');
  expect(rule).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
  const groups = await Promise.all(
    ['recording', 'alerts'].map(
      async (name) => parse(await plain(`prometheus/rules/andon.${name}.yml`)).groups,
    ),
  );
  expect(rule.spec.groups).toEqual(groups.flat());
  const authorization = { type: 'Bearer', credentials: { name: 'andon-tokens', key: 'read' } };
  expect((await object('service-monitor')).spec.endpoints).toMatchObject([
    {
      port: 'http',
      interval: '15s',
      authorization,
      relabelings: [{ targetLabel: 'job', replacement: 'andon' }],
    },
  ]);
  expect((await object('scrape-config')).spec).toMatchObject({
    httpSDConfigs: [{ url: 'https://andon.internal:8443/api/agent/runners/targets', authorization }],
    relabelings: [{ targetLabel: 'job', replacement: 'andon-runner' }],
  });
});
