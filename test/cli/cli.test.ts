import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/stack/free-port.ts';
import { version } from '../../src/version.ts';
import { temporaryFolder } from '../service-under-test.ts';
import { readScript, renderScript } from './script.ts';
import { runScript } from './script-run.ts';

const scripts = join(import.meta.dirname, 'scripts');

// What the commands say now becomes what is expected by `vitest run test/cli -u`; read the diff before it is kept.
test.each(readdirSync(scripts))('%s', { timeout: 60_000 }, async (name) => {
  const folder = realpathSync(temporaryFolder());
  const port = String(await freePort(0));
  const taken = String(await takenPort());
  const script = readScript(join(scripts, name));
  const said = await runScript(script, {
    folder,
    env: {
      PORT: port,
      TAKEN_PORT: taken,
      OTHER_NODE: olderNode() ?? process.execPath,
      // Never the runner's or the service's usual port: another Andon may be there.
      ANDON_PORT: port,
      ANDON_METRICS_PORT: '0',
      HOME: folder,
      NO_COLOR: '1',
    },
    values: { folder, version, port, 'taken-port': taken },
  });
  await expect(renderScript(script, said)).toMatchFileSnapshot(join(scripts, name));
});

/** A port that something listens on until the test has finished. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A Node before 24, as machines have it. */
function olderNode(): string | undefined {
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return found.find((file) => existsSync(file) && majorOf(file) < 24);
}

function majorOf(node: string): number {
  return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
}
