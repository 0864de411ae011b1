#!/usr/bin/env node
// Starts Andon on the Node that it is pinned to (the `node` package), whatever Node runs this file.
// Plain JavaScript that an old Node can read: it must be able to say what is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = join(root, 'node_modules/node/bin/node');
const required = 24;

if (Number(process.versions.node.split('.')[0]) >= required) {
  // What Node makes of the source is kept, in a folder of this user's alone: later starts take half the time.
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (cache) module.enableCompileCache(join(cache, 'andon', 'compiled'));
  // By its URL: as a path, `#`, `?` and `%` in a folder's name would mean something else.
  await import(new URL('../src/main.ts', import.meta.url).href);
} else if (existsSync(pinned)) {
  // Before the child is there: a signal between the two would end this process alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well: passed on, it would be a second one.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  child.on('error', (error) => {
    console.error(`andon: cannot start ${pinned}: ${error.message}`);
    process.exit(1);
  });
  // As a shell tells a signal.
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
} else {
  console.error(
    `andon: needs Node ${required} or later, and this is Node ${process.versions.node}.\n` +
      'The `node` package brings it, but its install script has not run (was it forbidden?). Either run\n' +
      '  npm rebuild node --foreground-scripts\n' +
      `in ${root}, or install Node ${required}.`,
  );
  process.exit(1);
}
