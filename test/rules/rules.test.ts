import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { alertDeclarations } from '../../src/monitoring/alerts/registry.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { ruleFiles } from '../../src/monitoring/rule-file.ts';
import { prometheusConfig } from '../../src/monitoring/server-configs.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

const cases = new URL('cases/', import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-rules-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** Runs a checking tool; the test fails with all it said if it finds fault. */
async function passes(tool: string, args: string[]): Promise<void> {
  const { code, output } = await runProgram(tool, args, { timeoutSeconds: 100 });
  expect(code, output).toBe(0);
}

describe.each(Object.entries(profiles))('profile %s', (name, objectives) => {
  test('promtool finds no fault with the rules', async () => {
    const { tool } = neededServer('prometheus');
    const files = await Promise.all(
      ruleFiles({ objectives }).map(({ path, content }) => write(`${name}/${path}`, content)),
    );
    await passes(tool, ['check', 'rules', '--lint=all', '--lint-fatal', ...files]);
  });

  test.each([true, false])('promtool takes prometheus.yml, everything given: %s', async (everything) => {
    const { tool } = neededServer('prometheus');
    const rules = await write('rules.yml', ruleFiles({ objectives })[0]?.content ?? '');
    const content = prometheusConfig({
      objectives,
      serviceUrl: 'http://127.0.0.1:8000',
      ruleFiles: [rules],
      prometheusAddress: '127.0.0.1:9090',
      ...(everything && {
        alertmanagerAddress: '127.0.0.1:9093',
        tokenFile: await write('token', 'not a token'),
      }),
    });
    await passes(tool, [
      'check',
      'config',
      '--lint=all',
      '--lint-fatal',
      await write('prometheus.yml', content),
    ]);
  });
});

interface RuleFile {
  groups: { rules: { alert: string; expr: string }[] }[];
}

const rulesFolder = join(cases, '../../..');
const alertRules: RuleFile = parse(await readFile(join(rulesFolder, 'alerts/andon.alerts.yml'), 'utf8'));

/** The rules of these alerts and of those that they ask about: promtool evaluates all rules at every step. */
function rulesFor(names: readonly string[]): string {
  const expressions = new Map(
    alertRules.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr])),
  );
  const wanted = new Set(names);
  for (const name of wanted) {
    const asked = expressions.get(name)?.matchAll(/alertname="(\w+)"/g) ?? [];
    for (const [, other = ''] of asked) wanted.add(other);
  }
  const groups = alertRules.groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ alert }) => wanted.has(alert)) }))
    .filter(({ rules }) => rules.length > 0);
  return stringify({ groups });
}

test.each(alertDeclarations.map(({ name }) => name))(
  '%s fires when it should and only then',
  async (name) => {
    const { tool } = neededServer('prometheus');
    const rules = await write(`cases/${name}.rules.yml`, rulesFor([name]));
    const text = await readFile(join(cases, `${name}.test.yml`), 'utf8');
    const file = await write(
      `cases/${name}.test.yml`,
      text
        .replaceAll('../../../alerts/andon.alerts.yml', rules)
        .replaceAll('../../../prometheus/', join(rulesFolder, 'prometheus/')),
    );
    await passes(tool, ['test', 'rules', file]);
  },
  // What compares with a week is evaluated over two of them.
  120_000,
);

test('what is recorded is what happened', async () => {
  const { tool } = neededServer('prometheus');
  await passes(tool, ['test', 'rules', new URL('recording.test.yml', import.meta.url).pathname]);
});

test('there are no cases for alerts that do not exist', async () => {
  const names = alertDeclarations.map(({ name }) => `${name}.test.yml`);
  expect((await readdir(cases)).sort()).toEqual(names.sort());
});
