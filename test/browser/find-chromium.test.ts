import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../service-under-test.ts';
import { findChromium } from './find-chromium.ts';

/** A system with an apt that brings three packages, of which one has libraries in a folder of its own. */
async function system() {
  const folder = temporaryFolder();
  const program = async (path: string, script: string) => {
    const file = join(folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  };
  const archives = `$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";$/\\1/p' "$3")`;
  await program(
    'bin/apt-get',
    `echo "$*" >>${folder}/apt.log\nfor name in chromium libpulse0 fonts-liberation; do : >"${archives}/$name.deb"; done`,
  );
  await program(
    'bin/dpkg',
    `case $2 in
*chromium.deb) mkdir -p $3/usr/lib/chromium; cat >$3/usr/lib/chromium/chromium <<'END'
#!/bin/sh
test -e "\${LD_LIBRARY_PATH#*:}/libpulsecommon-16.1.so" && test -e "$FONTCONFIG_FILE" && echo Chromium 156.0.1
END
chmod 755 $3/usr/lib/chromium/chromium;;
*libpulse0.deb) mkdir -p $3/usr/lib/x/pulseaudio; : >$3/usr/lib/x/libpulse.so.0; : >$3/usr/lib/x/pulseaudio/libpulsecommon-16.1.so;;
esac`,
  );
  const cacheDir = join(folder, 'cache');
  const options = { install: true, cacheDir, say: () => {}, env: { PATH: join(folder, 'bin') } };
  return { folder, program, options, cacheDir };
}

test('downloaded with all that it needs, once, also by two at once', async () => {
  const { options, cacheDir } = await system();
  const both = await Promise.all([findChromium(options), findChromium(options)]);
  const path = join(cacheDir, 'chromium/usr/lib/chromium/chromium');
  expect(both).toMatchObject([
    { found: true, path, version: '156.0.1' },
    { found: true, path },
  ]);
  expect(await findChromium({ ...options, install: false })).toMatchObject({ found: true, path });
  expect(await readdir(cacheDir)).toEqual(['chromium']);
});

test('where one is on the PATH or named, that one is taken', async () => {
  const { options, program } = await system();
  const named = await program('elsewhere/chrome', 'echo Chromium 140.0.2');
  const onPath = await program('bin/chromium-browser', 'echo Chromium 150.0.3');
  expect(await findChromium(options)).toMatchObject({ path: onPath, version: '150.0.3', env: {} });
  expect(await findChromium({ ...options, path: named })).toMatchObject({ path: named, version: '140.0.2' });
});

test('what cannot be had is told with what to run', async () => {
  const { options } = await system();
  expect(await findChromium({ ...options, install: false })).toMatchObject({
    found: false,
    reason: 'Chromium is not on the PATH, and downloading it is switched off.',
    command: expect.stringContaining('apt-get install chromium, or set CHROMIUM_PATH'),
  });
  expect(await findChromium({ ...options, path: '/no/such/program' })).toMatchObject({
    found: false,
    reason: 'Chromium does not run at /no/such/program (CHROMIUM_PATH).',
  });
});
