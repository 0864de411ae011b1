import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CliSetUp, Probe } from './executor.ts';
import { findProgram } from './find-program.ts';

/**
 * Looks for the program, and for signs of a login. Their absence is advice only: a login can also be in a keychain or a
 * settings file, and a run that lacks it fails with `auth`, which closes the executor.
 */
export async function probeCli(command: string, setUp: CliSetUp, env: NodeJS.ProcessEnv): Promise<Probe> {
  const path = await findProgram(command, env);
  if (!path) {
    return {
      found: false,
      advice: `${command} is not on PATH. ${setUp.install}, ${setUp.logIn}, or name the program in executors.${setUp.name}.command.`,
    };
  }
  if (await seemsLoggedIn(setUp, env)) return { found: true, detail: path };
  return {
    found: true,
    detail: path,
    advice: `No login of ${command} was found: ${setUp.logIn}, or set ${setUp.variables[0]}.`,
  };
}

async function seemsLoggedIn(setUp: CliSetUp, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (setUp.variables.some((name) => env[name])) return true;
  const home = env.HOME ?? homedir();
  for (const file of setUp.files(env)) {
    if (await exists(join(file.startsWith('/') ? '' : home, file))) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
