import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackageSource, unpackPackage } from './apt-package.ts';
import { relocateProgram } from './relocate-program.ts';
import { findProgram, runProgram } from './run-program.ts';

/** The servers that Andon can find and start. */
export type ServerName = 'prometheus' | 'alertmanager';

interface ServerPrograms {
  /** What the server's program is called, the usual name first. */
  programs: readonly string[];
  /** The checking tool that comes with it. */
  tool: string;
  debianPackage: string;
  /** A folder of the package that its program looks for at an absolute path. */
  absoluteFolder?: string;
  title: string;
}

const servers: Record<ServerName, ServerPrograms> = {
  prometheus: {
    programs: ['prometheus'],
    tool: 'promtool',
    debianPackage: 'prometheus',
    title: 'Prometheus',
  },
  alertmanager: {
    programs: ['alertmanager', 'prometheus-alertmanager'],
    tool: 'amtool',
    debianPackage: 'prometheus-alertmanager',
    absoluteFolder: '/usr/share/prometheus/alertmanager',
    title: 'Alertmanager',
  },
};

export interface FoundServer {
  found: true;
  path: string;
  /** The path of `promtool` or `amtool`, if it is there. */
  tool?: string;
  version: string;
  /** The folder it has to be started in; any, if absent. */
  workingFolder?: string;
}

/** `reason` is a sentence; `command` is what to run on this machine. */
export interface MissingServer {
  found: false;
  reason: string;
  command: string;
}

export type ServerResult = FoundServer | MissingServer;

export interface FindServerOptions {
  /** Whether a missing server may be downloaded into the cache folder. */
  install: boolean;
  say: (line: string) => void;
  /** Asked before a download; where it is absent, the download is only said. */
  confirm?: (question: string) => Promise<boolean>;
  /** Where downloaded servers are kept; the project's own `.cache/servers`, if absent. */
  cacheDir?: string;
  /** The environment whose PATH is searched; this process's own, if absent. */
  env?: NodeJS.ProcessEnv;
  /** Ends a download. */
  signal?: AbortSignal;
  platform?: NodeJS.Platform;
}

/**
 * Finds a server on the PATH, then in the cache folder; else, where it may and the system has apt, downloads
 * Debian's package and unpacks it there. Nothing is installed in the system and nothing is started.
 */
export async function findServer(name: ServerName, options: FindServerOptions): Promise<ServerResult> {
  const { programs, debianPackage } = servers[name];
  const onPath = await firstThatRuns(name, programs, (program) => findProgram(program, options.env));
  if (onPath) return { ...onPath, tool: (await findProgram(servers[name].tool, options.env)) ?? onPath.tool };
  const cacheDir = options.cacheDir ?? fileURLToPath(new URL('../../.cache/servers', import.meta.url));
  const folder = join(cacheDir, debianPackage);
  return (await findUnpacked(name, folder)) ?? (await download(name, folder, options));
}

async function download(name: ServerName, folder: string, options: FindServerOptions): Promise<ServerResult> {
  const { install, say, confirm, env } = options;
  const { title, debianPackage } = servers[name];
  const platform = options.platform ?? process.platform;
  const source = platform === 'linux' ? await aptPrograms(env) : undefined;
  const missing = (reason: string): MissingServer => ({
    found: false,
    reason: `${title} ${reason}.`,
    command: commandFor(name, platform, source !== undefined),
  });
  if (!source) return missing('is not on the PATH');
  if (!install) return missing('is not on the PATH, and downloading it is switched off');
  const intention = `Debian's package ${debianPackage} into ${folder} (nothing is installed in the system)`;
  if (!confirm) say(`${title} is not on the PATH: downloading ${intention}.`);
  else if (!(await confirm(`${title} is not on the PATH. Download ${intention}?`))) {
    return missing('is not on the PATH, and was not to be downloaded');
  }
  const unpacked = await unpackPackage({
    name: debianPackage,
    folder,
    source,
    signal: options.signal,
    prepare: (files) => relocate(name, files),
  });
  if (!unpacked.ok) return missing(`is not on the PATH, and downloading it failed: ${unpacked.reason}`);
  return (await findUnpacked(name, folder)) ?? missing('was downloaded but does not run on this machine');
}

async function findUnpacked(name: ServerName, folder: string): Promise<FoundServer | undefined> {
  const programs = servers[name].programs.map((program) => join(folder, 'usr/bin', program));
  const unpacked = await firstThatRuns(name, programs, (program) => program);
  return unpacked && { ...unpacked, workingFolder: servers[name].absoluteFolder && folder };
}

async function relocate(name: ServerName, folder: string): Promise<void> {
  const { programs, absoluteFolder } = servers[name];
  for (const program of programs.map((program) => join(folder, 'usr/bin', program))) {
    if (absoluteFolder && existsSync(program)) await relocateProgram(program, absoluteFolder);
  }
}

async function firstThatRuns(
  name: ServerName,
  programs: readonly string[],
  locate: (program: string) => string | undefined | Promise<string | undefined>,
): Promise<FoundServer | undefined> {
  for (const program of programs) {
    const path = await locate(program);
    if (!path) continue;
    const { code, output } = await runProgram(path, ['--version'], { timeoutSeconds: 20 });
    // Another program may have the same name.
    const version = /^\w+, version (\d+(?:\.\d+)*)/.exec(output)?.[1];
    if (code !== 0 || !version) continue;
    const tool = join(path, '..', servers[name].tool);
    const hasTool = (await runProgram(tool, ['--version'], { timeoutSeconds: 20 })).code === 0;
    return {
      found: true,
      path,
      tool: hasTool ? tool : undefined,
      version,
    };
  }
  return undefined;
}

async function aptPrograms(env: NodeJS.ProcessEnv | undefined): Promise<PackageSource | undefined> {
  const [aptGet, dpkg] = await Promise.all([findProgram('apt-get', env), findProgram('dpkg', env)]);
  return aptGet && dpkg ? { aptGet, dpkg, env } : undefined;
}

/** The exact command that brings a server to this machine. */
function commandFor(name: ServerName, platform: NodeJS.Platform, hasApt: boolean): string {
  if (platform === 'darwin') return `brew install ${name}`;
  if (hasApt)
    return `${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install ${servers[name].debianPackage}`;
  return `download ${name} from https://prometheus.io/download/ and put it on the PATH`;
}
