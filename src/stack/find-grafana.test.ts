import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findGrafana } from './find-grafana.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-grafana-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, says: string): Promise<void> {
  await file(path, `#!/bin/sh\necho "${says}"\n`);
  await chmod(join(folder, path), 0o755);
}

async function file(path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

test('an unpacked archive, named by GRAFANA_HOME, goes before the PATH', async () => {
  await program('grafana-13/bin/grafana', 'grafana version 13.2.3');
  await file('grafana-13/conf/defaults.ini');
  await program('bin/grafana', 'grafana version 11.0.0');
  const home = join(folder, 'grafana-13');
  expect(await findGrafana({ GRAFANA_HOME: home, PATH: join(folder, 'bin') })).toEqual({
    found: true,
    path: join(home, 'bin/grafana'),
    subcommand: 'server',
    version: '13.2.3',
    home,
  });
});

test('the program on the PATH leads to its home, also through a link', async () => {
  await program('cellar/bin/grafana', 'grafana version 13.2.3');
  await file('cellar/share/grafana/conf/defaults.ini');
  await mkdir(join(folder, 'bin'));
  await symlink(join(folder, 'cellar/bin/grafana'), join(folder, 'bin/grafana'));
  expect(await findGrafana({ PATH: join(folder, 'bin') })).toMatchObject({
    path: join(folder, 'bin/grafana'),
    home: join(folder, 'cellar/share/grafana'),
  });
});

test('where a package has put a script on the PATH, it is the program that is started', async () => {
  await program('share/grafana/bin/grafana', 'grafana version 13.2.3');
  await file('share/grafana/conf/defaults.ini');
  await program('bin/grafana', 'a script with settings of its own');
  expect(await findGrafana({ PATH: join(folder, 'bin') })).toMatchObject({
    path: join(folder, 'share/grafana/bin/grafana'),
    home: join(folder, 'share/grafana'),
  });
});

test('an old one has a program of its own for the server', async () => {
  await program('bin/grafana-server', 'Version 9.5.2 (commit: x, branch: HEAD)');
  await file('conf/defaults.ini');
  expect(await findGrafana({ PATH: join(folder, 'bin') })).toMatchObject({
    path: join(folder, 'bin/grafana-server'),
    subcommand: undefined,
    version: '9.5.2',
  });
});

test('without it, without its files, or with another program of that name, it says what to do', async () => {
  const PATH = join(folder, 'bin');
  expect(await findGrafana({ PATH }, 'linux')).toEqual({
    found: false,
    reason: 'Grafana is not on the PATH, and GRAFANA_HOME is not set.',
    command: 'https://grafana.com/grafana/download, then set GRAFANA_HOME',
  });
  expect(await findGrafana({ PATH }, 'darwin')).toMatchObject({ command: 'brew install grafana' });
  await program('bin/grafana', 'something else');
  expect(await findGrafana({ PATH })).toMatchObject({ found: false });
  expect(await findGrafana({ PATH, GRAFANA_HOME: folder })).toMatchObject({
    reason: `Grafana is not in ${folder} (GRAFANA_HOME).`,
  });
});
