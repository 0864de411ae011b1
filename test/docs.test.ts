import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { declaredRoutes } from '../src/app/routes.ts';
import { createProgram } from '../src/cli/command-line.ts';
import { configSchema, environment } from '../src/config.ts';
import { setUps } from '../src/executors/set-ups.ts';
import { alertDeclarations } from '../src/monitoring/alerts/registry.ts';
import { recordingRules } from '../src/monitoring/recording-rules.ts';
import { allMetrics } from '../src/telemetry/names.ts';

const root = join(import.meta.dirname, '..');
/** What git knows or would take up. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const pages = files.filter((file) => file.endsWith('.md'));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The part of a page under this heading, up to the next one of the same level. */
function sectionOf(page: string, heading: string): string {
  const [level = ''] = heading.split(' ');
  const [, after = ''] = `\n${page}`.split(`\n${heading}\n`);
  return after.split(`\n${level} `)[0] ?? '';
}

/** Every setting that is not a group of others, as its path in andon.yaml. */
function settingPaths(schema: z.core.JSONSchema.BaseSchema, path: string): string[] {
  if (!schema.properties) return [path];
  return Object.entries(schema.properties).flatMap(([name, member]) =>
    settingPaths(typeof member === 'object' ? member : {}, path ? `${path}.${name}` : name),
  );
}

test.each(allMetrics)('metric $name', ({ name, type, labels, help }) => {
  const row = read('docs/reference/metrics.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row).toContain(`| ${type} |`);
  expect(row).toContain(help);
  for (const label of labels) expect(row).toContain(`\`${label}\``);
});

test.each(recordingRules)('recorded series $record', ({ record, help }) => {
  expect(read('docs/reference/metrics.md')).toContain(`| \`${record}\` | ${help} |`);
});

test.each(settingPaths(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }), ''))(
  'setting %s',
  (path) => {
    expect(read('docs/reference/settings.md')).toContain(`\n| \`${path}\` |`);
  },
);

test.each(Object.keys(environment))('environment variable %s', (name) => {
  expect(read('docs/reference/settings.md')).toContain(`\`${name}\``);
});

test.each(alertDeclarations)('alert $name', ({ name, summary, severity }) => {
  const section = sectionOf(read('docs/reference/alerts.md'), `## ${name}`);
  expect(section).toContain(summary);
  expect(section).toContain(severity);
  expect(section).toContain(`../runbooks/${name}.md`);
});

test.each(alertDeclarations)('runbook of $name', ({ name }) => {
  const runbook = read(`docs/runbooks/${name}.md`);
  for (const heading of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) {
    expect(sectionOf(runbook, `## ${heading}`).trim(), `${heading} of ${name}`).not.toBe('');
  }
});

test('there is no runbook for an alert that does not exist', () => {
  const names = alertDeclarations.map(({ name }) => `${name}.md`);
  expect(readdirSync(join(root, 'docs/runbooks')).sort()).toEqual(names.sort());
});

test.each(declaredRoutes().map((route) => ({ ...route, method: route.method.toUpperCase() })))(
  'endpoint $method $path',
  ({ method, path, summary, scope, params, query, answers }) => {
    const section = sectionOf(read('docs/reference/api.md'), `## \`${method} ${path}\``);
    expect(section).toContain(`${summary}. Scope: \`${scope}\`.`);
    for (const schema of [params, query]) {
      for (const name of Object.keys(schema instanceof z.ZodObject ? schema.shape : {})) {
        expect(section).toContain(`| \`${name}\` |`);
      }
    }
    for (const status of Object.keys(answers)) expect(section).toContain(`- Answers ${status}: `);
  },
);

/** Every command, and those under it, by the words that call it. */
function commandsOf(command: Command, above = ''): { name: string; command: Command }[] {
  return command.commands.flatMap((inner) => {
    const name = `${above}${inner.name()}`;
    return [{ name, command: inner }, ...commandsOf(inner, `${name} `)];
  });
}

test.each(commandsOf(createProgram()))('command $name with its options', ({ name, command }) => {
  const section = sectionOf(read('docs/reference/cli.md'), `## \`andon ${name}\``);
  expect(section).toContain(`${command.description()}.`);
  for (const { flags, description } of command.options) {
    expect(description, flags).not.toBe('');
    expect(section).toContain(`| \`${flags}\` |`);
    expect(section).toContain(description);
  }
  for (const argument of command.registeredArguments) {
    expect(argument.description, argument.name()).not.toBe('');
    expect(section).toContain(`\`<${argument.name()}>\``);
  }
});

test.each(Object.values(setUps))(
  'the README says how to point a runner at $name',
  ({ name, logIn, argsToWrite }) => {
    const row = read('README.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(/`.*`/.exec(logIn)?.[0]);
    if (argsToWrite) expect(row).toContain(`args: [${argsToWrite.join(', ')}]`);
  },
);

test.each(pages)('links of %s lead somewhere', (page) => {
  const prose = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? '')
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
  expect(targets.filter((target) => !leadsSomewhere(page, decodeURI(target)))).toEqual([]);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', fragment] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return fragment === undefined || !file.endsWith('.md') || anchorsOf(read(file)).includes(fragment);
}

/** The fragments that GitHub gives a page's headings. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

test.each(Object.keys(manifest.parse(JSON.parse(read('package.json'))).dependencies))(
  'a decision says why %s is a dependency',
  (name) => {
    const decisions = files.filter((file) => /^docs\/decisions\/\d{4}-.*\.md$/.test(file));
    expect(decisions.filter((file) => read(file).includes(`\`${name}\``))).not.toEqual([]);
  },
);

test('no file names a machine or a package registry', () => {
  // Written so that this file does not name one itself.
  const folders = /(?:file:\/\/|(?<![\w.$}/)\]-]))\/(?:root|work|home\/\w+|Users\/\w+)(?![\w-])/;
  const registries = /\b(?:registry|npm)\.[\w-]+\.(?:com|org|io|dev|net)\b|https?:\/\/\S+\.tgz\b/;
  const naming = files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) =>
        folders.test(line) || registries.test(line)
          ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`]
          : [],
      ),
  );
  expect(naming).toEqual([]);
});
