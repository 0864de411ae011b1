import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { webhookPayload } from '../../src/domain/alert.ts';
import { alertmanagerConfig } from '../../src/monitoring/alertmanager-config.ts';
import { alertDeclarations, findAlertDeclaration } from '../../src/monitoring/alerts/registry.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { startAlertmanager } from '../../src/stack/alertmanager.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';
import { until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';
import { openInbox } from './inbox.ts';

/** What each cause is told as: one message, whatever else fires of it. */
const told: Record<string, string[]> = {
  'expired-login': ['AgentExecutorClosed'],
  'spent-quota': ['AgentRateLimited'],
  'broken-branch': ['AgentRepeatedFailures'],
  'broken-model': ['AgentModelFailures'],
  'dead-runner': ['AgentRunnerAbsent'],
  'dead-service': ['AndonServiceAbsent'],
};

const folder = new URL('causes/', import.meta.url).pathname;
const alwaysFires = 'Watchdog';

type Labels = Record<string, string>;
const testFile = z.object({
  tests: z.array(
    z.object({
      promql_expr_test: z.array(z.object({ exp_samples: z.array(z.object({ labels: z.string() })) })),
    }),
  ),
});

/** The alerts that fire at each time that a cause is looked at, as promtool has confirmed. */
async function firingOf(cause: string): Promise<Labels[][]> {
  const file = testFile.parse(parse(await readFile(join(folder, `${cause}.test.yml`), 'utf8')));
  return file.tests.flatMap(({ promql_expr_test }) =>
    promql_expr_test.map(({ exp_samples }) => exp_samples.map(({ labels }) => labelsOf(labels))),
  );
}

/** The labels of an alert's own series, without the state. */
function labelsOf(series: string): Labels {
  const pairs = [...series.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
  const { alertstate: _, ...labels } = Object.fromEntries(pairs);
  return labels;
}

test('each cause is looked at', async () => {
  const names = (await readdir(folder)).map((file) => basename(file, '.test.yml'));
  expect(names.sort()).toEqual(Object.keys(told).sort());
});

test.each(Object.keys(told))(
  'what fires of %s, and nothing else',
  async (cause) => {
    const { tool } = neededServer('prometheus');
    const { code, output } = await runProgram(tool, ['test', 'rules', join(folder, `${cause}.test.yml`)]);
    expect(code, output).toBe(0);
  },
  120_000,
);

/** What an Alertmanager of its own calls Andon's webhook for, once it has told of all this three times. */
async function callsAbout(alerts: Labels[], expected: string[]): Promise<string[][]> {
  const inbox = await openInbox();
  onTestFinished(() => inbox.close());
  const alertmanager = await startAlertmanager({
    server: neededServer('alertmanager'),
    port: 0,
    dataDir: temporaryFolder(),
    config: () => alertmanagerConfig({ objectives: profiles.demo, serviceUrl: inbox.url }),
    say: () => {},
  });
  onTestFinished(() => alertmanager.stop());
  const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts.map((labels) => ({ labels }))),
  });
  expect(response.status, await response.text()).toBe(200);
  const calls = () => inbox.calls.map(({ body }) => namesIn(webhookPayload.parse(JSON.parse(body))));
  // Every group is told of again at each interval: what is told at all has been by the third time.
  await until(
    async () => expected.map((name) => calls().filter((call) => call.includes(name)).length),
    (times) => times.every((count) => count >= 3),
    { seconds: 80, what: `Alertmanager tells of ${expected.join(' and ')}` },
  );
  return calls();
}

function namesIn({ alerts }: z.output<typeof webhookPayload>): string[] {
  return alerts.map(({ labels }) => labels.alertname ?? '');
}

// All at once, each before an Alertmanager of its own: most of it is waiting.
test('Alertmanager tells of each cause in one message, and at most one improvement is asked for', async () => {
  await Promise.all(
    Object.entries(told).map(async ([cause, expected]) => {
      const most = (await firingOf(cause)).reduce((a, b) => (b.length > a.length ? b : a));
      expect(most.length, cause).toBeGreaterThan(1);
      const heard = [...expected, alwaysFires];
      const calls = await callsAbout(most, heard);
      expect(new Set(calls.flat()), cause).toEqual(new Set(heard));
      expect(
        calls.filter((call) => call.length > 1),
        cause,
      ).toEqual([]);
      const asking = expected.filter((name) => findAlertDeclaration(name)?.improvement);
      expect(asking.length, cause).toBeLessThanOrEqual(1);
    }),
  );
});

test('what inhibits an alert is declared, is another one, and agrees with it in labels that both have', () => {
  for (const { name, inhibitedBy = [], subject } of alertDeclarations) {
    for (const { alert, equal = [] } of inhibitedBy) {
      const cause = findAlertDeclaration(alert);
      expect(cause, `${alert}, which inhibits ${name}`).toBeDefined();
      expect(alert).not.toBe(name);
      for (const label of equal) expect([...subject], `${name} by ${alert}`).toContain(label);
      for (const label of equal) expect([...(cause?.subject ?? [])], `${name} by ${alert}`).toContain(label);
    }
  }
});

test('no alert is held back by a weaker one that asks for less', () => {
  const weight = { critical: 2, warning: 1, info: 0 };
  for (const { name, severity, inhibitedBy = [] } of alertDeclarations) {
    for (const { alert, equal } of inhibitedBy) {
      const cause = findAlertDeclaration(alert);
      // Where both are about the same executor or project the weaker one says what the other follows from.
      if (equal) continue;
      expect(weight[cause?.severity ?? 'info'], `${alert} holds ${name} back`).toBeGreaterThanOrEqual(
        weight[severity],
      );
    }
  }
});
