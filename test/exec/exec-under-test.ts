import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ServiceUnderTest } from '../service-under-test.ts';

export const main = join(import.meta.dirname, '../../src/main.ts');
export const fixtures = join(import.meta.dirname, '../executors/fixtures');

export interface Said {
  /** The exit code, or the name of the signal. */
  exit: number | string;
  stdout: Buffer;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  stdin?: Buffer;
  /** Called once stdout holds this text. */
  onceSaid?: { text: string; act: (child: ChildProcessWithoutNullStreams) => void };
}

/** Runs a program to its end. */
export function run(program: string, args: string[], options: RunOptions): Promise<Said> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    // Nothing of the machine's own Andon, and a home that is the test's.
    env: { PATH: process.env.PATH, HOME: options.cwd, LANG: 'C.UTF-8', ...options.env },
    stdio: 'pipe',
    detached: true,
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null && child.pid)
      process.kill(-child.pid, 'SIGKILL');
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let acted = false;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    const { onceSaid } = options;
    if (!onceSaid || acted || !Buffer.concat(stdout).includes(onceSaid.text)) return;
    acted = true;
    onceSaid.act(child);
  });
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => {});
  if (!options.onceSaid) child.stdin.end(options.stdin);
  return new Promise((resolve) => {
    child.once('close', (code, signal) =>
      resolve({
        exit: code ?? signal ?? 'none',
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
  });
}

/** `andon …` in a folder, for a service. */
export function andon(args: string[], options: RunOptions): Promise<Said> {
  return run(process.execPath, [main, ...args], options);
}

/** `andon …` as a word of a shell's command line. */
export function andonWord(): string {
  return `'${process.execPath}' '${main}'`;
}

/** A script in a folder that stands for an agent CLI of that name. */
export function fakeCli(folder: string, name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

export function fixture(name: string): Buffer {
  return readFileSync(join(fixtures, name));
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const summary = z.object({
  success_rate: z.object({ completed: z.int(), failed: z.int() }),
  excluded: z.object({ set_up: z.int(), ours: z.int() }),
  attempts: z.object({ total: z.int(), by_error_class: z.record(z.string(), z.int()) }),
  by_executor: z.record(z.string(), z.unknown()),
  by_model: z.record(z.string(), z.unknown()),
  by_variant: z.record(z.string(), z.unknown()),
  usage: z.object({
    tokens: z.object({ input_uncached: z.int(), cache_read: z.int(), cache_write: z.int(), output: z.int() }),
    cost_usd: z.number().nullable(),
    unpriced_attempts: z.int(),
    attempts_without_usage: z.int(),
  }),
});

/** What the service has counted, as its contract tells. */
export async function counted(service: ServiceUnderTest, query = '') {
  const { body } = await service.get(`/api/agent/metrics?window=1d${query}`);
  return summary.parse(body);
}
