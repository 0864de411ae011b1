import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/stack/free-port.ts';
import { type ProgramResult, runProgram } from '../../src/stack/run-program.ts';
import { temporaryFolder } from '../service-under-test.ts';
import { ready, until } from '../until.ts';
import { composeFile } from './compose-file.ts';
import { assembleImage, imageEnvironment } from './image-files.ts';

/** Where the containers' folders are on this machine. */
interface Places {
  app: string;
  port: number;
  folder(path: string): string;
}

/** What a container's process would see of its environment, with these places for the container's. */
function environmentOf(name: 'service' | 'runner', { port, folder }: Places): Record<string, string> {
  const { environment = {} } = composeFile().services[name] ?? {};
  const moved = Object.entries({ ...imageEnvironment(), ...environment }).map(([variable, value]) => [
    variable,
    // Its own folders stay apart; those of the tokens are shared.
    value
      .replace(/^\/data/, folder(`${name}-data`))
      .replace(/^\/(tokens|etc|run)\b/, folder('$1'))
      .replace('http://service:8000', `http://127.0.0.1:${port}`),
  ]);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _, ...env } = Object.fromEntries(moved);
  return { PATH: process.env.PATH ?? '', ANDON_PORT: String(port), ANDON_METRICS_PORT: '0', ...env };
}

function start(name: 'service' | 'runner', places: Places): void {
  const { command = [] } = composeFile().services[name] ?? {};
  const child = spawn(process.execPath, [join(places.app, 'bin/andon.mjs'), ...command], {
    cwd: places.app,
    env: environmentOf(name, places),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  onTestFailed(() => void process.stderr.write(`${name}:\n${output}\n`));
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  });
}

/** A command in the service's container, as `docker compose exec service`. */
function exec(places: Places, args: string[]): Promise<ProgramResult> {
  return runProgram(process.execPath, args, { cwd: places.app, env: environmentOf('service', places) });
}

/** The status that a request by this name gets. */
function ask(places: Places, host: string, path: string, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${token}` };
    request({ host: '127.0.0.1', port: places.port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

test('what the image holds runs a task, with the tokens that the service has made', async () => {
  const scratch = temporaryFolder();
  const places: Places = {
    app: join(scratch, 'app'),
    port: await freePort(0),
    folder: (path) => join(scratch, path),
  };
  await assembleImage(places.app);
  mkdirSync(join(scratch, 'etc/andon'), { recursive: true });
  writeFileSync(
    join(scratch, 'etc/andon/andon.yaml'),
    'service: { allow_shell_tasks: true }\nrunner: { poll_seconds: 0.2 }\n',
  );
  start('service', places);
  await ready(`http://127.0.0.1:${places.port}`);
  // Where docker-compose.yml mounts the volumes of the tokens.
  const handed = (scope: string) => readFileSync(join(scratch, 'tokens', scope, 'token'), 'utf8').trim();
  mkdirSync(join(scratch, 'run/andon'), { recursive: true });
  writeFileSync(join(scratch, 'run/andon/token'), handed('report'));
  start('runner', places);

  const health = (port: number) => exec(places, ['bin/healthcheck.mjs', `http://127.0.0.1:${port}/readyz`]);
  expect((await health(places.port)).code).toBe(0);
  expect((await health(1)).code).toBe(1);

  expect(await ask(places, 'service:8000', '/metrics', handed('read'))).toBe(200);
  expect(await ask(places, 'service:8000', '/metrics', handed('alert'))).toBe(403);
  expect(await ask(places, 'elsewhere:8000', '/metrics', handed('read'))).toBe(403);

  const queued = await exec(places, [
    'bin/andon.mjs',
    'task',
    'Say so',
    '-e',
    'shell',
    '--command',
    'git --version',
  ]);
  expect(queued.code, queued.output).toBe(0);
  await until(
    async () => {
      const response = await fetch(`http://127.0.0.1:${places.port}/api/agent/tasks`, {
        headers: { authorization: `Bearer ${handed('read')}` },
      });
      return response.text();
    },
    (tasks) => tasks.includes('"status":"completed"'),
    { seconds: 30, what: 'the task is completed' },
  );
});
