import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { apiClientFor } from '../../src/app/api-client.ts';
import { startInstance } from '../../src/app/instance.ts';
import { startRunner } from '../../src/app/runner.ts';
import { confirm } from '../../src/cli/terminal.ts';
import { type ConfigInput, parseConfig } from '../../src/config.ts';
import type { Narrator } from '../../src/demo/narrator.ts';
import { createScratchRepository } from '../../src/demo/scratch-repository.ts';
import { tellStory } from '../../src/demo/story.ts';
import { andon, until } from '../process-under-test.ts';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const root = join(import.meta.dirname, '../..');
const logger = pino({ level: 'silent' });
const withoutServers: ConfigInput['monitoring'] = {
  prometheus: { enabled: false },
  alertmanager: { enabled: false },
};

describe('a question', () => {
  const ask = (options: { signal?: AbortSignal; seconds?: number } = {}) => {
    const input = new PassThrough();
    const output = new PassThrough();
    const { signal = new AbortController().signal, seconds } = options;
    return { input, output, answer: confirm('Approve it?', { signal, seconds, input, output }) };
  };

  test.each([
    ['\n', true],
    ['y\n', true],
    ['n\n', false],
    ['what?\n', false],
  ])('answered %j is %s', async (typed, meant) => {
    const { input, answer } = ask({ seconds: 5 });
    input.write(typed);
    expect(await answer).toBe(meant);
  });

  test('that nobody answers is yes in time', async () => {
    const { output, answer } = ask({ seconds: 0.05 });
    expect(await answer).toBe(true);
    expect(String(output.read())).toBe('Approve it? [Y/n] (yes in 0.05 s) yes\n');
  });

  test('without a limit is no where the input ends', async () => {
    const { input, answer } = ask();
    input.end();
    expect(await answer).toBe(false);
  });

  test('is not answered by being stopped', async () => {
    const stop = new AbortController();
    const { output, answer } = ask({ signal: stop.signal, seconds: 5 });
    stop.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(String(output.read())).not.toContain('yes\n');
  });

  test('is not asked after being stopped', async () => {
    const { output, answer } = ask({ signal: AbortSignal.abort() });
    await expect(answer).rejects.toThrow('aborted');
    expect(output.read()).toBe(null);
  });
});

describe('starting', () => {
  const config = (service: ConfigInput['service'], monitoring = withoutServers) =>
    parseConfig({
      data_dir: join(temporaryFolder(), 'data'),
      service,
      runner: { executors: ['shell'], metrics_port: 0 },
      monitoring,
    });
  const options = { logger, env: process.env, say: () => {} };

  test('takes the next port that is free at the moment of listening', async () => {
    const port = await takenPort();
    const instance = await startInstance(config({ port }), { ...options, servicePorts: 20 });
    onTestFinished(() => instance.close());
    expect(Number(new URL(instance.service.url).port)).toBeGreaterThan(port);
    await expect(startInstance(config({ port }), options)).rejects.toThrow('cannot listen');
  });

  test('goes no further once it is stopped', async () => {
    const stop = new AbortController();
    const settings = config({ port: 0 });
    const starting = startInstance(settings, { ...options, signal: stop.signal });
    stop.abort();
    await expect(starting).rejects.toThrow('aborted');
    expect(existsSync(settings.data_dir)).toBe(false);
  });
});

test("another's runner may run the demo's tasks: the story says so, and reads their logs", async () => {
  const service = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  const other = await startRunner(
    parseConfig({
      data_dir: temporaryFolder(),
      runner: { id: 'stranger', executors: ['shell'], metrics_port: 0, workers: 10, poll_seconds: 0.1 },
    }),
    { serviceUrl: service.url, logger, env: process.env },
  );
  onTestFinished(() => other.close());
  const repository = join(temporaryFolder(), 'shop');
  await createScratchRepository(repository);
  const told: string[] = [];
  const ending = await tellStory({
    client: apiClientFor(service.url, () => service.adminToken),
    narrator: narratorInto(told),
    repository,
    runner: 'demo',
    prometheusUrl: undefined,
    approve: async () => true,
    deadlineSeconds: 20,
    signal: new AbortController().signal,
  });
  expect(ending).toBe('without_servers');
  expect(told).toContainEqual(expect.stringMatching(/Count the products {2}\(by stranger, which is not/));
  expect(told).toContain('prices.csv:2: not a price: <<<<<<< HEAD');
});

test("the demo's tasks are not for runners that offer other tags", async () => {
  const service = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  const stop = new AbortController();
  const story = tellStory({
    client: apiClientFor(service.url, () => service.adminToken),
    narrator: narratorInto([]),
    repository: temporaryFolder(),
    runner: 'demo',
    prometheusUrl: undefined,
    approve: async () => true,
    deadlineSeconds: 20,
    signal: stop.signal,
  });
  const pending = () => service.store.tasks.list({ limit: 50, status: 'pending' });
  await until(pending, ({ items }) => items.length === 10, { seconds: 5, what: 'ten tasks' });
  const claim = (tags: string[]) =>
    service.send('POST', '/api/agent/tasks/claim', {
      runner: 'r',
      executors: ['shell'],
      free_workers: 1,
      tags,
    });
  expect((await claim(['gpu'])).body).toMatchObject({ tasks: [] });
  expect((await claim(['demo'])).body).toMatchObject({ tasks: [{ attempt: 1 }] });
  stop.abort();
  await expect(story).rejects.toThrow('aborted');
});

describe('the process', () => {
  test.each([
    ['SIGINT', 130, 'Starting service'],
    ['SIGTERM', 143, '▸ impl'],
  ] as const)('stopped by %s exits with %i and leaves nothing', async (signal, code, moment) => {
    const { demo, folder } = startDemo();
    await told(demo, moment);
    expect(await demo.terminate(signal)).toBe(code);
    expect(demo.output()).not.toContain('✗');
    expect(demo.output()).not.toContain('Error');
    expect(readdirSync(folder)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
  });

  test('stopped twice ends at once and leaves nothing either', async () => {
    const { demo, folder } = startDemo();
    await told(demo, '▸ impl');
    void demo.terminate('SIGINT');
    // The second signal ends it, unless the first has by then.
    expect([130, 143]).toContain(await demo.terminate('SIGTERM'));
    expect(readdirSync(folder)).toEqual([]);
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), { timeout: 5000, interval: 100 });
  });

  test('without servers says what is off and the command, runs the tasks, and exits with 1', async () => {
    const copy = temporaryFolder();
    cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const main = join(copy, 'src/main.ts');
    const { code, output } = await run(main, ['demo', '--once', '--json'], {
      PATH: pathOf(['sh', 'git', 'sleep', 'grep', 'sort', 'tail', 'head', 'cat', 'mkdir']),
      TMPDIR: temporaryFolder(),
      ANDON_NO_INSTALL: '1',
    });
    expect(output).toMatch(/Prometheus is not on the PATH.*Without it nothing is watched/);
    expect(output).toMatch(/Alertmanager is not on the PATH.*Without it no alert reaches anybody/);
    expect(output).toMatch(/Grafana is not on the PATH.*Without it there are no dashboards/);
    expect(output.match(/To have it: \S+/g)).toHaveLength(3);
    expect(output).toContain('not a price: <<<<<<< HEAD');
    expect(output).toContain('"tasks_finished":10,"alerts_fired":0,"improvements_created":0');
    expect(code).toBe(1);
  }, 30_000);
});

/** The demo with a temporary folder of its own. */
function startDemo() {
  const folder = temporaryFolder();
  return { folder, demo: andon(['demo', '--once'], { TMPDIR: folder, NO_COLOR: '1' }) };
}

function told(demo: ReturnType<typeof andon>, text: string) {
  return until(
    async () => demo.output(),
    (output) => output.includes(text),
    { seconds: 15, what: text },
  );
}

/** The command lines of processes that name this folder. */
function processesOf(folder: string): string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandOf(pid))
    .filter((command) => command.includes(folder));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function run(main: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
}

/** A folder with just these programs. */
function pathOf(programs: string[]): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  for (const program of programs) {
    const path = execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' });
    symlinkSync(path.trim(), join(folder, program));
  }
  return folder;
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function narratorInto(lines: string[]): Narrator {
  const begun = performance.now();
  const tell = (text: string) => void lines.push(text);
  const seconds = () => (performance.now() - begun) / 1000;
  return { heading: tell, line: tell, good: tell, bad: tell, quote: tell, plain: tell, seconds };
}
