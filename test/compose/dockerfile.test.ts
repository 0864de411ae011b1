import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { composeServices, root } from './compose-file.ts';
import { copied, dockerfile, isIgnored, lastStage } from './image-files.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const only = (name: string) => lastStage().filter((instruction) => instruction.name === name);

test('it is made of an exact Node, the one that the tests ran on', () => {
  const bases = dockerfile().filter(({ name }) => name === 'FROM');
  expect(bases[0]?.rest).toBe(`node:${manifest.dependencies.node}-bookworm-slim AS node`);
  expect(bases.slice(1).map(({ rest }) => rest.split(' ')[0])).toEqual(['node', 'node']);
});

test('what it copies is there, and .dockerignore lets it through', () => {
  const sources = copied(dockerfile()).map(({ source }) => source);
  expect(sources).toEqual(expect.arrayContaining(['src', 'bin', 'package.json', 'package-lock.json']));
  for (const source of sources) {
    expect(existsSync(join(root, source)), source).toBe(true);
    expect(isIgnored(source), `${source} is ignored`).toBe(false);
  }
});

test.each([
  '.env',
  '.git/config',
  'node_modules/zod/index.js',
  'data/admin-token',
  'test/until.ts',
  'src/domain/budget.test.ts',
])('%s stays out of it', (path) => {
  expect(isIgnored(path)).toBe(true);
});

test('no package of development’s is in it, and no second Node', () => {
  const installs = dockerfile().filter(({ rest }) => rest.includes('npm '));
  expect(installs).toHaveLength(1);
  expect(installs[0]?.rest).toContain('npm ci --omit=dev --ignore-scripts');
  expect(installs[0]?.rest).toContain('rm -rf node_modules/node node_modules/.bin/node');
  // Without scripts: what has one that it cannot do without would be broken.
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const scripted = Object.entries<{ dev?: boolean; hasInstallScript?: boolean }>(packages)
    .filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev)
    .map(([path]) => path);
  expect(scripted.sort()).toEqual(['node_modules/node', 'node_modules/protobufjs']);
  expect(manifest.allowScripts.protobufjs).toBe(false);
});

test('it runs as nobody in particular, and is watched', () => {
  expect(only('USER').map(({ rest }) => rest)).toEqual(['node']);
  expect(only('HEALTHCHECK')).toHaveLength(1);
  const names = lastStage().map(({ name }) => name);
  expect(names.lastIndexOf('RUN'), 'what is run after USER has no rights').toBeLessThan(
    names.indexOf('USER'),
  );
});

test('its version is the package’s, and the one that docker-compose.yml builds', () => {
  const label = only('LABEL')[0]?.rest ?? '';
  expect(label).toContain(`org.opencontainers.image.version="${manifest.version}"`);
  expect(label).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
  expect(label).toContain(`org.opencontainers.image.description="${manifest.description}"`);
  const ours = composeServices().filter(([, { image }]) => image.startsWith('andon:'));
  expect(ours.map(([name]) => name)).toEqual(['service', 'runner']);
  for (const [, { image }] of ours) expect(image).toBe(`andon:${manifest.version}`);
  // Compose builds all at once, and an engine takes a new tag from one of them only.
  expect(ours.map(([, { build }]) => build)).toEqual(['.', undefined]);
  expect(ours.map(([, { pull_policy }]) => pull_policy)).toEqual([undefined, 'never']);
});

test('its programs are files that it has', () => {
  const own = copied(lastStage()).map(({ source }) => source);
  const paths = [
    ...lastStage(),
    ...composeServices().map(([, service]) => ({ rest: JSON.stringify(service) })),
  ].flatMap(({ rest }) => rest.match(/(?<=\/app\/)[\w./-]+\.\w+/g) ?? []);
  expect(new Set(paths)).toEqual(new Set(['bin/andon.mjs', 'bin/healthcheck.mjs']));
  for (const path of paths) {
    expect(own).toContain(path.split('/')[0]);
    expect(existsSync(join(root, path))).toBe(true);
  }
});
