import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/version.ts';
import { temporaryFolder } from '../service-under-test.ts';

const wrapper = join(import.meta.dirname, '../../bin/andon.mjs');
/** Makes this Node pass for an older one. */
const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})`;

test.each([
  ['SIGINT', 7],
  ['SIGTERM', 7],
] as const)('%s reaches the pinned Node, and its exit code comes back', async (signal, code) => {
  const child = start(`trap 'exit ${code}' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`);
  await ready(child);
  child.kill(signal);
  expect(await exitOf(child)).toBe(code);
});

test.each(['SIGKILL', 'SIGSEGV'] as const)(
  'a pinned Node that %s ended is told as a shell does',
  async (signal) => {
    const child = start(`kill -${signal.slice(3)} $$`);
    expect(await exitOf(child)).toBe(128 + constants.signals[signal]);
  },
);

test('it runs from a folder whose name means something in a URL, and keeps what it has compiled', async () => {
  const root = join(temporaryFolder(), 'shop #2 50%25?');
  cpSync(wrapper, join(root, 'bin/andon.mjs'));
  symlinkSync(join(import.meta.dirname, '../../src'), join(root, 'src'));
  const child = spawn(process.execPath, [join(root, 'bin/andon.mjs'), '--version'], {
    env: { HOME: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(await text(child.stdout)).toBe(`${version}\n`);
  expect(existsSync(join(root, '.cache/andon/compiled'))).toBe(true);
});

/** The program with a shell script for the pinned Node. */
function start(script: string) {
  const root = temporaryFolder();
  cpSync(wrapper, join(root, 'bin/andon.mjs'));
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
  writeFileSync(join(root, 'node_modules/node/bin/node'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const child = spawn(process.execPath, ['--import', older, join(root, 'bin/andon.mjs'), 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  return child;
}

function ready(child: ReturnType<typeof start>): Promise<unknown> {
  return new Promise((resolve) => child.stdout?.once('data', resolve));
}

function exitOf(child: ReturnType<typeof start>): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}
