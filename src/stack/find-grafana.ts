import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram, runProgram } from './run-program.ts';

export interface FoundGrafana {
  found: true;
  /** Its program, and what goes before its flags: it was `grafana-server`, and is `grafana server` since 10. */
  path: string;
  subcommand?: string;
  version: string;
  /** Where its `conf` and `public` are. */
  home: string;
}

/** `reason` is a sentence; `command` is what to do about it. */
export interface MissingGrafana {
  found: false;
  reason: string;
  command: string;
}

const programs = [
  { name: 'grafana', subcommand: 'server' },
  { name: 'grafana-server', subcommand: undefined },
] as const;

/** Finds Grafana in `GRAFANA_HOME`, then on the PATH. It is never downloaded: no system has a package of it. */
export async function findGrafana(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<FoundGrafana | MissingGrafana> {
  const { GRAFANA_HOME } = env;
  const command =
    platform === 'darwin'
      ? 'brew install grafana'
      : 'https://grafana.com/grafana/download, then set GRAFANA_HOME';
  for (const { name, subcommand } of programs) {
    const named = GRAFANA_HOME ? existing(join(GRAFANA_HOME, 'bin', name)) : await findProgram(name, env);
    if (!named) continue;
    const home = await homeOf(named, GRAFANA_HOME);
    // On the PATH, its packages for Debian and Red Hat have a script that sets a configuration of its own.
    const path = (home && existing(join(home, 'bin', name))) ?? named;
    const version = await versionOf(path);
    if (!version) continue;
    if (home) return { found: true, path, subcommand, version, home };
    const reason = `Grafana is ${path}, but its folder with conf/defaults.ini was not found: set GRAFANA_HOME.`;
    return { found: false, reason, command };
  }
  const place = GRAFANA_HOME
    ? `in ${GRAFANA_HOME} (GRAFANA_HOME)`
    : 'on the PATH, and GRAFANA_HOME is not set';
  return { found: false, reason: `Grafana is not ${place}.`, command };
}

/** Another program may have the same name. Before 10 it said "Version 9.5.2 (commit: …)". */
async function versionOf(path: string): Promise<string | undefined> {
  const { code, output } = await runProgram(path, ['--version'], { timeoutSeconds: 20 });
  return code === 0 ? /version (\d+(?:\.\d+)+)/i.exec(output)?.[1] : undefined;
}

/** As its archive, Homebrew and its packages for Debian and Red Hat lay it out. */
async function homeOf(path: string, home: string | undefined): Promise<string | undefined> {
  const prefix = dirname(dirname(await realpath(path)));
  const candidates = [...(home ? [home] : []), prefix, join(prefix, 'share/grafana'), '/usr/share/grafana'];
  return candidates.find((folder) => existsSync(join(folder, 'conf/defaults.ini')));
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}
