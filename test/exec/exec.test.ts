import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/stack/free-port.ts';
import { until } from '../process-under-test.ts';
import { type ServiceUnderTest, serviceUnderTest, temporaryFolder } from '../service-under-test.ts';
import {
  andon,
  andonWord,
  counted,
  digest,
  fakeCli,
  fixture,
  fixtures,
  main,
  run,
} from './exec-under-test.ts';

const success = 'claude-code/2.1-success.jsonl';

/** A folder with a fake `claude`, and how `andon exec` reaches the service from there. */
async function place(script: string, service?: ServiceUnderTest) {
  const known = service ?? (await serviceUnderTest());
  const cwd = realpathSync(temporaryFolder());
  const claude = fakeCli(cwd, 'claude', script);
  const env = { ANDON_SERVICE_URL: known.url };
  const exec = (args: string[], more: Partial<Parameters<typeof andon>[1]> = {}) =>
    andon(['exec', ...args], { cwd, ...more, env: { ...env, ...more.env } });
  return { service: known, cwd, claude, env, exec };
}

const json = ['-p', '--output-format', 'stream-json', '--verbose'];

test('a run is recorded with its usage, and its output is as without us', async () => {
  const { service, claude, exec } = await place(`cat '${fixtures}/${success}'; echo warned >&2`);
  const said = await exec(['--prompt-variant', 'terse', '--task-id', 't1', '--', claude, ...json]);
  expect(said).toEqual({ exit: 0, stdout: fixture(success), stderr: 'warned\n' });
  const figures = await counted(service);
  expect(figures).toMatchObject({
    success_rate: { completed: 1, failed: 0 },
    by_variant: { 'prompt:terse': {} },
    usage: {
      tokens: { input_uncached: 2, cache_read: 15410, cache_write: 13628, output: 13 },
      cost_usd: 0.1443,
      unpriced_attempts: 0,
    },
  });
  expect(Object.keys(figures.by_executor)).toEqual(['claude-code']);
  expect(Object.keys(figures.by_model)).toEqual(['claude-opus-5']);
});

test('the command has been started before what reads it is loaded', async () => {
  const { service, cwd, claude, exec } = await place(`echo > begun; cat '${fixtures}/${success}'`);
  // Holds up whoever loads zod until the command has begun; an error if that does not come.
  const hook = `
    import { existsSync } from 'node:fs';
    import { registerHooks } from 'node:module';
    const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    registerHooks({
      resolve(name, context, next) {
        for (let turns = 0; name === 'zod' && !existsSync('${cwd}/begun'); turns += 1) {
          if (turns > 1000) throw new Error('zod before the command');
          pause();
        }
        return next(name, context);
      },
    });`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hook)}` };
  expect(await exec(['--', claude, ...json], { env })).toEqual({
    exit: 0,
    stdout: fixture(success),
    stderr: '',
  });
  expect((await counted(service)).usage.cost_usd).toBe(0.1443);
});

test('the project is the git repository’s, from within a linked work tree too', async () => {
  const { service, cwd, claude, exec } = await place(`cat '${fixtures}/${success}'`);
  const shop = join(cwd, 'shop');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', shop, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  mkdirSync(join(shop, 'src'), { recursive: true });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  git('worktree', 'add', '-q', join(cwd, 'elsewhere'));
  for (const folder of [join(shop, 'src'), join(cwd, 'elsewhere')]) {
    expect(await exec(['--', claude, ...json], { cwd: folder })).toMatchObject({ exit: 0, stderr: '' });
  }
  expect((await counted(service, '&project=shop')).success_rate.completed).toBe(2);
});

test('50 MB of anything but text come through byte for byte', { timeout: 60_000 }, async () => {
  const { cwd, claude, exec } = await place('cat garbage; cat garbage >&2');
  const bytes = Buffer.alloc(25_000_000);
  let seed = 1;
  for (let at = 0; at < bytes.length; at += 4) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes.writeUInt32LE(seed, at);
  }
  writeFileSync(join(cwd, 'half'), bytes);
  execFileSync('sh', ['-c', 'cat half half > garbage'], { cwd });
  const whole = Buffer.concat([bytes, bytes]);
  const said = await exec(['--', claude, ...json]);
  expect(said.exit).toBe(0);
  expect(digest(said.stdout)).toBe(digest(whole));
  expect(digest(await errorOutput(cwd, claude))).toBe(digest(whole));

  async function errorOutput(folder: string, program: string): Promise<Uint8Array> {
    const line = `${andonWord()} exec -- '${program}' ${json.join(' ')} 2>errors >/dev/null`;
    await run('/bin/sh', ['-c', line], { cwd: folder });
    // Its last line is ours: there is no service where this one is sent.
    return readFileSync(join(folder, 'errors')).subarray(0, whole.length);
  }
});

test('stdout and stderr in one pipe keep their order', async () => {
  const { cwd, claude, env } = await place(
    'i=0; while [ $i -lt 500 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done',
  );
  const line = `${andonWord()} exec -- '${claude}' ${json.join(' ')} 2>&1 | cat`;
  const said = await run('/bin/sh', ['-c', line], { cwd, env });
  const bare = await run('/bin/sh', ['-c', `'${claude}' 2>&1 | cat`], { cwd });
  expect(said.stdout.toString()).toBe(bare.stdout.toString());
});

test('memory stays flat, and a slow reader holds the command up', { timeout: 60_000 }, async () => {
  // 200 MB into a reader that is slow to begin; the highest memory of andon is what the kernel says at its end.
  const { cwd, claude, env } = await place(
    'head -c 200000000 /dev/zero; grep VmHWM /proc/$PPID/status > peak; echo done > done',
  );
  const line = `${andonWord()} exec -- '${claude}' ${json.join(' ')} | { head -c 1 >/dev/null; ls; wc -c; }`;
  const said = await run('/bin/sh', ['-c', line], { cwd, env });
  expect(said.stdout.toString()).not.toContain('done');
  expect(said.stdout.toString().trim().endsWith('199999999')).toBe(true);
  const peak = Number(/\d+/.exec(readFileSync(join(cwd, 'peak'), 'utf8'))?.[0]);
  expect(peak).toBeLessThan(300_000);
});

test('stdin reaches the command', async () => {
  const { claude, exec } = await place('cat');
  const said = await exec(['--', claude, ...json], { stdin: Buffer.from('from\0stdin') });
  expect(said.stdout.toString()).toBe('from\0stdin');
});

test('the command sees the environment as it is, but none of our tokens', async () => {
  const { claude, exec } = await place('env');
  const env = {
    ANDON_TOKEN: 'a-secret-of-ours-1234',
    ANDON_DATA_DIR: 'd',
    GIT_DIR: '/g',
    TRACEPARENT: '00-1',
  };
  const { stdout } = await exec(['--', claude, ...json], { env });
  const lines = stdout.toString().split('\n');
  expect(lines).toEqual(expect.arrayContaining(['GIT_DIR=/g', 'TRACEPARENT=00-1', 'ANDON_DATA_DIR=d']));
  expect(stdout.toString()).not.toContain('a-secret-of-ours');
});

test('/dev/stdout can be opened, as in a shell’s pipe', async () => {
  const { claude, exec } = await place('echo one > /dev/stdout; echo two > /dev/stderr');
  expect(await exec(['--', claude, ...json])).toMatchObject({ exit: 0, stdout: Buffer.from('one\n') });
});

test.each([
  { script: 'exit 0', exit: 0 },
  { script: 'exit 3', exit: 3 },
  { script: 'kill -9 $$', exit: 137 },
  { script: 'kill -SEGV $$', exit: 139 },
])('$script: exit status $exit', async ({ script, exit }) => {
  const { claude, exec } = await place(script);
  expect((await exec(['--', claude, ...json])).exit).toBe(exit);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends the command’s whole group, and the run is recorded',
  async (signal) => {
    const { service, cwd, claude, exec } = await place('sleep 600 & echo $! > grandchild; echo begun; wait');
    const numbers = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
    const act = (child: ChildProcess) => void child.kill(signal);
    const said = await exec(['--', claude, ...json], { onceSaid: { text: 'begun', act } });
    expect(said).toMatchObject({ exit: numbers[signal], stderr: '' });
    expect((await counted(service)).attempts.by_error_class).toEqual({ killed: 1 });
    const grandchild = Number(readFileSync(join(cwd, 'grandchild'), 'utf8'));
    // A shell lets its background jobs ignore INT.
    if (signal === 'SIGINT') process.kill(grandchild, 'SIGKILL');
    else expect(isRunning(grandchild)).toBe(false);
  },
);

test('a command that takes a signal for no reason to stop has completed', async () => {
  const { service, claude, exec } = await place(
    `trap 'cat "${fixtures}/${success}"; exit 0' TERM; echo begun; while :; do sleep 0.05; done`,
  );
  const act = (child: ChildProcess) => void child.kill('SIGTERM');
  expect((await exec(['--', claude, ...json], { onceSaid: { text: 'begun', act } })).exit).toBe(0);
  expect((await counted(service)).success_rate).toMatchObject({ completed: 1, failed: 0 });
});

test('--timeout ends it, and is a class of its own', async () => {
  const { service, claude, exec } = await place('sleep 600');
  expect((await exec(['--timeout', '0.3', '--', claude, ...json])).exit).toBe(124);
  expect((await counted(service)).attempts.by_error_class).toEqual({ timeout: 1 });
});

test('| head -1 ends the command as it would without us', async () => {
  const { service, cwd, claude, env } = await place('while :; do echo line; done');
  const line = `${andonWord()} exec -- '${claude}' ${json.join(' ')} | head -1`;
  const said = await run('/bin/bash', ['-c', `${line}; echo "\${PIPESTATUS[0]}"`], { cwd, env });
  expect(said).toMatchObject({ stdout: Buffer.from('line\n141\n'), stderr: '' });
  expect((await counted(service)).attempts.by_error_class).toEqual({ killed: 1 });
});

test('what is left behind with the output open does not hold us up', async () => {
  const { service, cwd, claude, exec } = await place(
    `sleep 600 & echo $! > grandchild; cat '${fixtures}/${success}'`,
  );
  expect((await exec(['--', claude, ...json])).stdout).toEqual(fixture(success));
  const grandchild = Number(readFileSync(join(cwd, 'grandchild'), 'utf8'));
  // It is the user's, and stays.
  expect(isRunning(grandchild)).toBe(true);
  process.kill(grandchild, 'SIGKILL');
  expect((await counted(service)).success_rate.completed).toBe(1);
});

test('a command that is none: as a shell says it, and recorded as a fault of the set-up', async () => {
  const { service, cwd, exec } = await place('');
  expect(await exec(['--', 'no-such-agent', '-p'])).toMatchObject({
    exit: 127,
    stderr: 'andon: no-such-agent: command not found\n',
  });
  expect(await exec(['--', cwd])).toMatchObject({ exit: 126, stderr: `andon: ${cwd}: permission denied\n` });
  expect(await counted(service)).toMatchObject({
    excluded: { set_up: 2 },
    attempts: { by_error_class: { spawn: 2 } },
  });
});

test('a command that is no CLI we know is measured, and unpriced', async () => {
  const { service, exec } = await place('');
  expect(await exec(['--', 'sh', '-c', 'echo hi'])).toEqual({
    exit: 0,
    stdout: Buffer.from('hi\n'),
    stderr: '',
  });
  const figures = await counted(service);
  expect(figures.usage).toMatchObject({ cost_usd: null, unpriced_attempts: 1, attempts_without_usage: 1 });
  expect(Object.keys(figures.by_executor)).toEqual(['unknown']);
  expect(Object.keys(figures.by_model)).toEqual(['unknown']);
});

test('a script of the user’s is read as the CLI that --executor names', async () => {
  const { service, cwd, exec } = await place('');
  const mine = fakeCli(cwd, 'nightly.sh', `cat '${fixtures}/${success}'`);
  expect((await exec(['--executor', 'claude-code', '--model', 'mine', '--', mine])).exit).toBe(0);
  const figures = await counted(service);
  expect(figures.usage.cost_usd).toBe(0.1443);
  expect(Object.keys(figures.by_model)).toEqual(['mine']);
});

test('what Aider adds to the log that the user has told it to keep is exact; what was there is not this run’s', async () => {
  const { service, cwd, exec } = await place('');
  const run = `cat '${fixtures}/aider/0.86-success.txt'; cat '${fixtures}/aider/0.86-success.record' >> log`;
  const aider = fakeCli(cwd, 'aider', run);
  writeFileSync(join(cwd, 'log'), fixture('aider/0.86-architect.record'));
  const ways: [string[], Record<string, string>][] = [
    [['--analytics-log', 'log'], {}],
    [[], { AIDER_ANALYTICS_LOG: 'log' }],
    [[], {}],
  ];
  for (const [args, env] of ways) {
    const said = await exec(['--', aider, '-m', 'Greet', ...args], { env });
    expect(said).toEqual({ exit: 0, stdout: fixture('aider/0.86-success.txt'), stderr: '' });
  }
  const figures = await counted(service);
  expect(Object.keys(figures.by_executor)).toEqual(['aider']);
  expect(figures.usage.cost_usd).toBeCloseTo(0.0146425 + 0.0146425 + 0.01, 9);
  expect(figures.usage.tokens).toMatchObject({ input_uncached: 4321 + 4321 + 4300, output: 3 * 512 });
});

test('the service is away, then back: said in one line, recorded once', async () => {
  const { service, cwd, claude, exec } = await place(`cat '${fixtures}/${success}'`);
  const port = await freePort(0);
  const away = { ANDON_SERVICE_URL: `http://127.0.0.1:${port}` };
  const args = ['--task-id', 't1', '--', claude, ...json];
  const said = await exec(args, { env: away });
  const spool = join(cwd, '.local/state/andon/spool-exec');
  expect(said).toEqual({
    exit: 0,
    stdout: fixture(success),
    stderr: `andon: no service answers at http://127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}): the run waits in ${spool} and is recorded later\n`,
  });
  expect((await counted(service)).attempts.total).toBe(0);
  // It is there again: what stands for it passes all on to the real one.
  await forward(port, service.url);
  expect(await exec(['--', 'true'], { env: away })).toMatchObject({ exit: 0, stderr: '' });
  expect(readdirSync(spool)).toEqual([]);
  expect((await counted(service)).attempts.total).toBe(2);
  expect((await counted(service)).usage.cost_usd).toBe(0.1443);
  expect((await exec(args, { env: away })).stderr).toContain('was recorded before');
  expect((await counted(service)).attempts.total).toBe(2);
});

test('the spool is in the data folder where there is one, and is delivered on request', async () => {
  const { service, cwd, env, exec } = await place('');
  const away = { ANDON_SERVICE_URL: `http://127.0.0.1:${await freePort(0)}` };
  await exec(['--data', 'd', '--', 'true'], { env: away });
  const [name = ''] = readdirSync(join(cwd, 'd/spool-exec'));
  const other = await andon(['ingest', '--spooled', '--data', 'd'], { cwd, env });
  expect(other.stdout.toString()).toContain('0 recorded, 1 for another service');
  const taken = await andon(['ingest', join('d/spool-exec', name)], { cwd, env });
  expect(taken.stdout.toString()).toContain('1 recorded');
  expect((await counted(service)).attempts.total).toBe(1);
});

test('what the service refuses for good is kept aside, and said', async () => {
  const { service, cwd, exec } = await place('');
  const said = await exec(['--data', 'd', '--task-type', 'nosuch', '--', 'sh', '-c', 'exit 4']);
  expect(said.exit).toBe(4);
  expect(said.stderr).toMatch(
    /^andon: a run was refused \(\/task_type must be one of .*\), and is kept in .*refused.*json\n$/,
  );
  expect(readdirSync(join(cwd, 'd/spool-exec'))).toEqual(['refused']);
  expect((await counted(service)).attempts.total).toBe(0);
});

test('a service that does not answer costs the user two seconds at most', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const { exec } = await place('');
  const started = performance.now();
  const said = await exec(['--', 'true'], { env: { ANDON_SERVICE_URL: url } });
  expect(said).toMatchObject({ exit: 0, stderr: expect.stringContaining('is recorded later') });
  expect(performance.now() - started).toBeLessThan(6000);
});

test('a token is sent where one is asked for, also the data folder’s', async () => {
  const token = 'a-token-for-reports';
  const service = await serviceUnderTest({
    service: { tokens: [{ name: 'ci', token, scopes: ['report'] }] },
  });
  const { cwd, exec } = await place('', service);
  expect((await exec(['--data', 'd', '--', 'true'])).stderr).toContain('this needs a token');
  expect((await exec(['--data', 'd', '--', 'true'], { env: { ANDON_TOKEN: token } })).stderr).toBe('');
  expect(readdirSync(join(cwd, 'd/spool-exec'))).toEqual([]);
});

test('what masks a key in logs masks it in the kept result', async () => {
  const key = 'sk-ant-REDACTED';
  const { service, claude, exec } = await place(`sed 's/Hi!/${key}/' '${fixtures}/${success}'`);
  const said = await exec(['--task-id', 't1', '--', claude, ...json]);
  expect(said.stdout.toString()).toContain(key);
  expect(service.store.describe()).toContain('SQLite');
  expect(readFileSync(join(service.folder, 'andon.db')).includes(key)).toBe(false);
});

const script = ['/usr/bin/script', '/bin/script'].find((path) => existsSync(path));

test.skipIf(!script)(
  'at a terminal the command is at it too, unless its output is for programs',
  async () => {
    const { service, cwd, claude, env } = await place(
      `exec 3>&1; for fd in 0 3 2; do if [ -t $fd ]; then echo tty; else echo other; fi; done > seen; cat '${fixtures}/${success}'`,
    );
    const seen = async (args: string) => {
      const line = `${andonWord()} exec -- '${claude}' ${args}`;
      await run(script ?? '', ['-qec', line, '/dev/null'], { cwd, env });
      return readFileSync(join(cwd, 'seen'), 'utf8').trim().split('\n');
    };
    expect(await seen('-p hello')).toEqual(['tty', 'tty', 'tty']);
    expect(await seen('-p hello --output-format json')).toEqual(['tty', 'other', 'tty']);
    const { usage } = await counted(service);
    expect(usage).toMatchObject({ cost_usd: 0.1443, unpriced_attempts: 1 });
  },
);

test.skipIf(!script)('Ctrl-C at a terminal reaches the command once', async () => {
  const { service, cwd, claude, env } = await place(
    `trap 'echo int >> ints' INT; echo begun; while [ ! -f ints ]; do sleep 0.05; done; sleep 0.3; exit 130`,
  );
  const line = `${andonWord()} exec -- '${claude}' -p hello`;
  const act = (child: ChildProcess) => void child.stdin?.write('\x03');
  const said = await run(script ?? '', ['-qec', line, '/dev/null'], {
    cwd,
    env,
    onceSaid: { text: 'begun', act },
  });
  expect(said.exit).toBe(130);
  expect(readFileSync(join(cwd, 'ints'), 'utf8')).toBe('int\n');
  expect((await counted(service)).attempts.by_error_class).toEqual({ killed: 1 });
});

test('a reader that has stopped reading does not keep us from being ended', async () => {
  const { service, cwd, claude, env } = await place('echo > begun; head -c 1000000 /dev/zero');
  const child = spawn(process.execPath, [main, 'exec', '--', claude, ...json], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', fullPipe(cwd), 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await until(async () => existsSync(join(cwd, 'begun')), Boolean, { seconds: 10, what: 'it has begun' });
  child.kill('SIGTERM');
  expect(await ended).toBe('SIGTERM');
  await deliverSpooled(cwd, env);
  expect((await counted(service)).attempts.by_error_class).toEqual({ killed: 1 });
});

/** The writing end of a pipe that holds as much as it can, and that nobody reads. */
function fullPipe(folder: string): number {
  const path = join(folder, 'full');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onTestFinished(() => {
    closeSync(reader);
    closeSync(writer);
  });
  try {
    for (;;) writeSync(reader, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  return writer;
}

/** A run that a busy machine could not report within its two seconds waits in the spool: that is as good. */
async function deliverSpooled(cwd: string, env: Record<string, string>): Promise<void> {
  expect(await andon(['ingest', '--spooled'], { cwd, env })).toMatchObject({ exit: 0, stderr: '' });
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A service at a port that hands every request to another. */
async function forward(port: number, url: string): Promise<void> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, headers } = request;
    const answer = await fetch(`${url}${request.url}`, {
      method,
      headers: { 'content-type': headers['content-type'] ?? '' },
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}
