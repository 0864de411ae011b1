#!/usr/bin/env node
// Starts Andon on the Node that it is pinned to (the `node` package), whatever Node runs this file.
// Plain JavaScript that an old Node can read: it must be able to say what is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = `${root}node_modules/node/bin/node`;
const main = `${root}src/main.ts`;
const required = 24;

if (Number(process.versions.node.split('.')[0]) >= required) {
  await import(main);
} else if (existsSync(pinned)) {
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child through the terminal; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
} else {
  console.error(
    `andon: needs Node ${required} or later, and this is Node ${process.versions.node}.\n` +
      'The `node` package brings it, but its install script has not run (was it forbidden?). Either run\n' +
      '  npm rebuild node --foreground-scripts\n' +
      `in ${root}, or install Node ${required}.`,
  );
  process.exit(1);
}
