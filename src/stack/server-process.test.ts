import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { type ServerSpec, startServer } from './server-process.ts';

let dataDir: string;
let said: string[];
const pids: number[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'andon-server-'));
  said = [];
});
afterEach(async () => {
  for (const pid of pids.splice(0)) if (runs(pid)) process.kill(pid, 'SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

const listens =
  'require("node:http").createServer((q, a) => a.end("ok")).listen(+process.argv[1], "127.0.0.1")';

function spec(code: string, changes: Partial<ServerSpec> = {}): ServerSpec {
  return {
    name: 'test-server',
    binary: process.execPath,
    dataDir,
    dataArgument: `--diagnostic-dir=${dataDir}`,
    prepare: async (port) => ['-e', code, String(port)],
    port: 0,
    readyPath: '/',
    say: (line) => said.push(line),
    ...changes,
  };
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('is ready when it answers, and gone after stop', async () => {
  const server = await startServer(spec(listens));
  pids.push(server.pid);
  expect(await fetch(server.url).then((response) => response.text())).toBe('ok');
  const pidFile = join(dataDir, 'test-server.pid');
  expect(await readFile(pidFile, 'utf8')).toBe(`${server.pid} ${process.pid}\n`);
  await server.stop();
  await server.stop();
  expect(runs(server.pid)).toBe(false);
  await expect(readFile(pidFile)).rejects.toThrow('ENOENT');
});

test('has what goes first on its command line, and an environment of its own', async () => {
  const tells =
    'require("node:http").createServer((q, a) => a.end(process.env.TOLD)).listen(+process.argv[1], "127.0.0.1")';
  const server = await startServer(
    spec(tells, { subcommand: '--no-warnings', env: { PATH: process.env.PATH, TOLD: 'told' } }),
  );
  pids.push(server.pid);
  const commandLine = await readFile(`/proc/${server.pid}/cmdline`, 'utf8').catch(() => undefined);
  if (commandLine !== undefined) expect(commandLine.split('\0')[1]).toBe('--no-warnings');
  expect(await fetch(server.url).then((response) => response.text())).toBe('told');
  await server.stop();
});

test('is ended if it is stopped while it starts', async () => {
  const stop = new AbortController();
  const starting = startServer(spec('setInterval(() => {}, 1000)', { signal: stop.signal }));
  setTimeout(() => stop.abort(), 100);
  await expect(starting).rejects.toThrow('was stopped before it was ready');
});

test('is not in our process group, so that Ctrl-C leaves it to stop', async () => {
  const server = await startServer(spec(listens));
  pids.push(server.pid);
  expect(process.kill(-server.pid, 0)).toBe(true);
  await server.stop();
});

test('tells at once what it said when it ends early', async () => {
  const started = performance.now();
  const failing = startServer(spec('console.error("bad configuration"); process.exit(2)'));
  await expect(failing).rejects.toThrow('test-server ended before it was ready:\nbad configuration');
  expect(performance.now() - started).toBeLessThan(5000);
});

test('says so when it cannot be started or is not ready in time', async () => {
  await expect(startServer(spec('', { binary: '/nonexistent' }))).rejects.toThrow('cannot be started');
  const idle = startServer(spec('setInterval(() => {}, 1000)', { readySeconds: 0.5 }));
  await expect(idle).rejects.toThrow('was not ready within 0.5 s');
});

test('takes the next port when somebody was quicker', async () => {
  const first = await freePort(0);
  const code = `if (+process.argv[1] === ${first}) { console.error("listen: address already in use"); process.exit(1) }\n${listens}`;
  const server = await startServer(spec(code, { port: first }));
  pids.push(server.pid);
  expect(server.port).toBeGreaterThan(first);
  await server.stop();
});

async function runDetached(args: string[]): Promise<number> {
  const child = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  if (!child.pid) throw new Error('not started');
  pids.push(child.pid);
  return child.pid;
}

const deadOwner = 2 ** 22 + 1;

test('ends what a killed run left on the same data, and starts', async () => {
  const orphan = await runDetached([`--diagnostic-dir=${dataDir}`, '-e', 'setInterval(() => {}, 1000)']);
  await writeFile(join(dataDir, 'test-server.pid'), `${orphan} ${deadOwner}\n`);
  const server = await startServer(spec(listens));
  pids.push(server.pid);
  expect(said).toEqual([`Ending process ${orphan}, which an earlier run left behind.`]);
  expect(runs(orphan)).toBe(false);
  await server.stop();
});

test('leaves alone a stranger that has got the same pid', async () => {
  const stranger = await runDetached([
    `--diagnostic-dir=${dataDir}-other`,
    '-e',
    'setInterval(() => {}, 1000)',
  ]);
  await writeFile(join(dataDir, 'test-server.pid'), `${stranger} ${deadOwner}\n`);
  const server = await startServer(spec(listens));
  pids.push(server.pid);
  expect(runs(stranger)).toBe(true);
  await server.stop();
});

test('refuses to take the data of another Andon that still runs', async () => {
  const code = `
    const child = require('node:child_process').spawn(process.execPath, ['--diagnostic-dir=${dataDir}', '-e', 'setInterval(() => {}, 1000)']);
    child.on('spawn', () => require('node:fs').writeFileSync('${dataDir}/test-server.pid', child.pid + ' ' + process.pid));
    setInterval(() => {}, 1000);`;
  const owner = await runDetached(['-e', code]);
  const pidFile = join(dataDir, 'test-server.pid');
  await expect.poll(() => readFile(pidFile, 'utf8').catch(() => '')).toMatch(/\d+ \d+/);
  pids.push(Number.parseInt(await readFile(pidFile, 'utf8'), 10));
  await expect(startServer(spec(listens))).rejects.toThrow(`process ${owner} is another Andon`);
});
