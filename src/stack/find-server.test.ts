import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FindServerOptions, findServer } from './find-server.ts';

let folder: string;
let said: string[];
let options: FindServerOptions;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-find-'));
  said = [];
  options = {
    install: true,
    say: (line) => said.push(line),
    cacheDir: join(folder, 'cache'),
    env: { PATH: join(folder, 'bin') },
    platform: 'linux',
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, script: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
}

/** An apt that gives an empty package, and a dpkg that unpacks a server out of it. */
async function fakeApt(download = ': >"$5_1.0_all.deb"'): Promise<void> {
  await program('bin/apt-get', `echo "$4 $5" >>${folder}/apt.log\ncase $4 in download) ${download};; esac`);
  await program(
    'bin/dpkg',
    'mkdir -p $3/usr/bin; for name in prometheus promtool; do\n' +
      'printf "#!/bin/sh\\necho $name, version 2.42.0+ds\\n" >$3/usr/bin/$name; chmod 755 $3/usr/bin/$name\ndone',
  );
}

test('finds a server and its tool on the PATH, by the name that Debian gives it too', async () => {
  await program('bin/prometheus-alertmanager', 'echo "alertmanager, version 0.25.0 (branch: debian/sid)"');
  await program('bin/amtool', 'echo "amtool, version 0.25.0"');
  expect(await findServer('alertmanager', options)).toEqual({
    found: true,
    path: join(folder, 'bin/prometheus-alertmanager'),
    tool: join(folder, 'bin/amtool'),
    version: '0.25.0',
  });
});

test('passes over a program that only has the name, and one that does not run', async () => {
  await program('bin/prometheus', 'echo something else');
  expect(await findServer('prometheus', options)).toMatchObject({ found: false });
  await program('bin/prometheus', 'exit 1');
  expect(await findServer('prometheus', options)).toMatchObject({ found: false });
});

test('downloads into the cache folder once, and says so', async () => {
  await fakeApt();
  const path = join(folder, 'cache/prometheus/usr/bin/prometheus');
  expect(await findServer('prometheus', options)).toMatchObject({ found: true, path, version: '2.42.0' });
  expect(said.join()).toContain('nothing is installed in the system');
  expect(await findServer('prometheus', { ...options, install: false })).toMatchObject({ found: true, path });
  expect(said).toHaveLength(1);
  expect(await readdir(join(folder, 'cache'))).toEqual(['prometheus']);
});

test('an Alertmanager that was unpacked finds its templates below the folder it is started in', async () => {
  await program('bin/apt-get', 'test $4 = download && : >"$5_1.0_all.deb"');
  const script =
    '#!/bin/sh\\necho alertmanager, version 0.25.0\\n# /usr/share/prometheus/alertmanager/default.tmpl\\n';
  await program(
    'bin/dpkg',
    `mkdir -p $3/usr/bin; printf "${script}" >$3/usr/bin/prometheus-alertmanager; chmod 755 $3/usr/bin/*`,
  );
  const found = await findServer('alertmanager', options);
  const workingFolder = join(folder, 'cache/prometheus-alertmanager');
  expect(found).toMatchObject({ found: true, workingFolder });
  const content = await readFile(join(workingFolder, 'usr/bin/prometheus-alertmanager'), 'utf8');
  expect(content).toContain('# usr//share/prometheus/alertmanager/default.tmpl');
});

test('takes package lists of its own when the system has none', async () => {
  await fakeApt('test -d lists || { echo "E: Unable to locate package $5"; exit 100; }; : >"$5_1.0_all.deb"');
  expect(await findServer('prometheus', options)).toMatchObject({ found: true });
});

test('two at once both succeed', async () => {
  await fakeApt();
  const results = await Promise.all([findServer('prometheus', options), findServer('prometheus', options)]);
  expect(results.map((result) => result.found)).toEqual([true, true]);
  expect(await readdir(join(folder, 'cache'))).toEqual(['prometheus']);
});

test('asks first where there is somebody to ask, and takes no for an answer', async () => {
  await fakeApt();
  const questions: string[] = [];
  const confirm = async (question: string) => {
    questions.push(question);
    return false;
  };
  const result = await findServer('prometheus', { ...options, confirm });
  expect(questions).toHaveLength(1);
  expect(result).toMatchObject({
    found: false,
    reason: 'Prometheus is not on the PATH, and was not to be downloaded.',
  });
});

test('downloads nothing when that is switched off', async () => {
  await fakeApt();
  expect(await findServer('prometheus', { ...options, install: false })).toMatchObject({
    found: false,
    reason: 'Prometheus is not on the PATH, and downloading it is switched off.',
    command: expect.stringMatching(/apt-get install prometheus$/),
  });
  expect(await readdir(folder)).not.toContain('cache');
});

test('says why a download failed, and leaves nothing behind', async () => {
  await fakeApt('echo "W: something"; echo "E: Unable to locate package $5"; exit 100');
  expect(await findServer('prometheus', options)).toMatchObject({
    found: false,
    reason:
      'Prometheus is not on the PATH, and downloading it failed: E: Unable to locate package prometheus.',
  });
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});

test('names the command of the platform', async () => {
  expect(await findServer('alertmanager', { ...options, platform: 'darwin' })).toMatchObject({
    command: 'brew install alertmanager',
  });
  expect(await findServer('alertmanager', options)).toMatchObject({
    command: expect.stringContaining('prometheus.io/download'),
  });
});
