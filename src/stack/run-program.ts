import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** 0 if it did what it was asked; null if it could not be started or was ended. */
  code: number | null;
  stdout: string;
  /** Everything it wrote to either stream, in order. */
  output: string;
}

export interface RunOptions {
  cwd?: string;
  /** The child's environment; this process's own, if absent. */
  env?: NodeJS.ProcessEnv;
  /** After this it is killed. */
  timeoutSeconds?: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Runs a program to its end. Never throws: a program that is missing has no exit code and says so in `output`. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  const { cwd, env, timeoutSeconds = 60, signal } = options;
  return new Promise((resolve) => {
    let stdout = '';
    let output = '';
    const child = spawn(program, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own `timeout`: that one holds this process when the program is missing.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000);
    const settle = (result: ProgramResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error) => settle({ code: null, stdout, output: output + error.message }));
    child.once('close', (code) => settle({ code, stdout, output }));
  });
}

/** The path of a program on the PATH of `env`, or undefined. */
export async function findProgram(name: string, env?: NodeJS.ProcessEnv): Promise<string | undefined> {
  // The shell looks, since only config.ts reads this process's own environment.
  const { code, stdout } = await runProgram('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { env });
  const path = stdout.trim();
  return code === 0 && path.startsWith('/') ? path : undefined;
}
