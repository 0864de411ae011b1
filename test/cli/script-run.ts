import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../service-under-test.ts';
import { expectedOutput, type Script, withPlaceholders } from './script.ts';

export interface ScriptRunOptions {
  /** The folder the commands run in. */
  folder: string;
  env: Record<string, string>;
  /** The values of placeholders. */
  values: Record<string, string>;
}

const root = join(import.meta.dirname, '../..');
const longest = 55;

/** Runs the commands of a script one after the other. Answers what each said, placeholders put back. */
export async function runScript(script: Script, options: ScriptRunOptions): Promise<string[][]> {
  for (const { name, content } of script.files) writeFileSync(join(options.folder, name), content);
  const env = { ...options.env, PATH: `${programFolder()}:${process.env.PATH}`, ROOT: root };
  let background: Started | undefined;
  const said: string[][] = [];
  for (const command of script.commands) {
    const actual = await (async () => {
      if (command.line === 'stop') return background ? stopped(background) : ['nothing to stop'];
      if (!command.line.endsWith(' &')) return ended(start(command.line, options.folder, env));
      // `exec`, so that the signal of `stop` reaches the command and its exit code us.
      background = start(`exec ${command.line.slice(0, -2)}`, options.folder, env);
      return spoken(background, expectedOutput(command.expected).length);
    })();
    said.push(withPlaceholders(actual, command.expected, options.values));
  }
  return said;
}

interface Started {
  child: ChildProcess;
  lines: () => string[];
  /** Resolves with the exit code, or the name of the signal. */
  exit: Promise<string>;
  /** How many lines an earlier command of the script has taken. */
  seen: number;
}

/** In a shell, stdout and stderr as one, so that lines stand in the order in which they were written. */
function start(line: string, cwd: string, env: Record<string, string>): Started {
  const child = spawn('/bin/sh', ['-c', `exec 2>&1\n${line}`], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const deadline = setTimeout(() => killGroup(child), longest * 1000);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exit = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(String(code ?? signal))),
  );
  onTestFinished(async () => {
    clearTimeout(deadline);
    killGroup(child);
    await exit;
  });
  const lines = () => (output.trim() === '' ? [] : output.trimEnd().split('\n'));
  return { child, lines, exit, seen: 0 };
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

/** What it says until its end. */
async function ended(started: Started): Promise<string[]> {
  const code = await started.exit;
  return [...started.lines().slice(started.seen), ...(code === '0' ? [] : [`[${code}]`])];
}

async function stopped(started: Started): Promise<string[]> {
  started.child.kill('SIGTERM');
  return ended(started);
}

/** What it says at first: as many lines as are expected, or all it says within the time or until its end. */
async function spoken(started: Started, count: number): Promise<string[]> {
  const enough = new Promise<void>((resolve) => {
    started.child.stdout?.on('data', () => {
      if (started.lines().length >= count) resolve();
    });
  });
  await Promise.race([enough, started.exit]);
  started.seen = started.lines().length;
  return started.lines();
}

/** A folder with a program `andon`: this source on this Node. */
function programFolder(): string {
  const folder = temporaryFolder();
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src/main.ts')}' "$@"\n`;
  writeFileSync(join(folder, 'andon'), program, { mode: 0o755 });
  return folder;
}
