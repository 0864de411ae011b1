import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackPackage } from '../../src/stack/apt-package.ts';
import { findProgram, runProgram } from '../../src/stack/run-program.ts';

/** A Chromium that runs here, and what its environment needs besides. */
export interface FoundChromium {
  found: true;
  path: string;
  env: Record<string, string>;
  version: string;
}

/** `reason` is a sentence; `command` is what to run on this machine. */
export interface MissingChromium {
  found: false;
  reason: string;
  command: string;
}

export interface FindChromiumOptions {
  /** Where it is said to be: looked at before the PATH. */
  path?: string;
  /** Whether it may be downloaded into the cache folder. */
  install: boolean;
  cacheDir: string;
  say: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

const programs = ['chromium', 'chromium-browser', 'google-chrome'];
/** Its words need letters: a system without a screen may have none. */
const fonts = ['fonts-liberation', 'fonts-dejavu-core'];

/**
 * Finds Chromium; else, where it may and the system has apt, downloads Debian's package with all that this system lacks
 * for it, and unpacks it into the cache folder. Nothing is installed in the system.
 */
export async function findChromium(options: FindChromiumOptions): Promise<FoundChromium | MissingChromium> {
  const { path, cacheDir, env } = options;
  if (path) return (await ifItRuns(path, {})) ?? missing(`does not run at ${path} (CHROMIUM_PATH)`);
  for (const program of programs) {
    const onPath = await findProgram(program, env);
    const running = onPath && (await ifItRuns(onPath, {}));
    if (running) return running;
  }
  const folder = join(cacheDir, 'chromium');
  return (await findUnpacked(folder)) ?? (await download(folder, options));
}

async function download(
  folder: string,
  { install, say, env }: FindChromiumOptions,
): Promise<FoundChromium | MissingChromium> {
  const [aptGet, dpkg] = await Promise.all([findProgram('apt-get', env), findProgram('dpkg', env)]);
  if (!aptGet || !dpkg) return missing('is not on the PATH');
  if (!install) return missing('is not on the PATH, and downloading it is switched off');
  say(`Chromium is not on the PATH: downloading Debian's package into ${folder} (nothing is installed).`);
  const source = { aptGet, dpkg, env };
  const unpacked = await unpackPackage({
    name: 'chromium',
    complete: fonts,
    folder,
    source,
    prepare: (files) => writeFile(join(files, 'fonts.conf'), fontConfiguration),
  });
  if (!unpacked.ok) return missing(`is not on the PATH, and downloading it failed: ${unpacked.reason}`);
  return (await findUnpacked(folder)) ?? missing('was downloaded but does not run on this machine');
}

async function findUnpacked(folder: string): Promise<FoundChromium | undefined> {
  const path = join(folder, 'usr/lib/chromium/chromium');
  if (!existsSync(path)) return undefined;
  const libraries = [
    ...(await librariesIn(join(folder, 'usr/lib'))),
    ...(await librariesIn(join(folder, 'lib'))),
  ];
  return ifItRuns(path, {
    LD_LIBRARY_PATH: libraries.join(':'),
    FONTCONFIG_FILE: join(folder, 'fonts.conf'),
  });
}

/** Every folder that libraries are in: some packages have one of their own. */
async function librariesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const folders = files
    .filter((file) => /\.so(\.\d+)*$/.test(file))
    .map((file) => dirname(join(folder, file)));
  return [...new Set(folders)].filter((one) => !one.endsWith('/chromium')).sort();
}

/** The fonts that were unpacked beside those of the system. */
const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

async function ifItRuns(path: string, env: Record<string, string>): Promise<FoundChromium | undefined> {
  const { code, output } = await runProgram(path, ['--version'], {
    env: { ...process.env, ...env },
    timeoutSeconds: 60,
  });
  const version = /(\d+(?:\.\d+){1,3})/.exec(output)?.[1];
  return code === 0 && version ? { found: true, path, env, version } : undefined;
}

function missing(reason: string): MissingChromium {
  const command = `${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install chromium, or set CHROMIUM_PATH`;
  return { found: false, reason: `Chromium ${reason}.`, command };
}
