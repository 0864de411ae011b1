import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { freePort } from './free-port.ts';
import { endLeftOver, forgetServer, recordServer } from './left-over-server.ts';
import { listensOn } from './listening-process.ts';

export interface ServerSpec {
  /** For messages, the log file and the pid file: `prometheus`. */
  name: string;
  binary: string;
  /** What goes before every other argument. */
  subcommand?: string;
  /** Its environment; this process's own, if absent. */
  env?: NodeJS.ProcessEnv;
  /** The folder to start it in; this process's own, if absent. */
  workingFolder?: string;
  /** Where its data, its log and its pid file are; made if missing. */
  dataDir: string;
  /** The argument that names the data folder: it tells a left-over server from a stranger with its pid. */
  dataArgument: string;
  /** The further arguments, for the port that was chosen. Called again if that one was taken after all. */
  prepare(port: number): Promise<string[]>;
  /** The port to have, or the next free one; 0 is any. */
  port: number;
  /** A path that answers 200 when the server is ready. */
  readyPath: string;
  readySeconds?: number;
  /** Gives up waiting, and ends it. */
  signal?: AbortSignal;
  say: (line: string) => void;
}

/** A server that is ready. */
export interface ServerProcess {
  pid: number;
  port: number;
  /** `http://127.0.0.1:PORT` */
  url: string;
  logFile: string;
  /** Settles when the process has ended, whoever ended it. */
  ended: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it: TERM, and KILL if that is not heard. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

const portTries = 10;
const graceSeconds = 10;

/**
 * Starts a server on loopback and waits until it is ready; ends one that an earlier run left on its data first.
 * @throws AppError `unavailable` with the last lines of its output if it ends early or is not ready in time
 */
export async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  await mkdir(spec.dataDir, { recursive: true });
  await endLeftOver(pidFileOf(spec), spec.dataArgument, spec.say);
  let wanted = spec.port;
  for (let tries = 1; ; tries += 1) {
    const port = await freePort(wanted);
    const started = await startOn(spec, port);
    if (started.ok) return started.server;
    // Somebody took the port between the look and the listening.
    const taken = /address already in use/i.test(started.output);
    if (!taken || tries === portTries) {
      throw new AppError('unavailable', `${spec.name} ${started.problem}:\n${started.output}`);
    }
    wanted = spec.port === 0 ? 0 : port + 1;
  }
}

type Start = { ok: true; server: ServerProcess } | { ok: false; problem: string; output: string };

async function startOn(spec: ServerSpec, port: number): Promise<Start> {
  const args = [
    ...(spec.subcommand ? [spec.subcommand] : []),
    spec.dataArgument,
    ...(await spec.prepare(port)),
  ];
  const logFile = join(spec.dataDir, `${spec.name}.log`);
  const logStart = await stat(logFile).then(
    ({ size }) => size,
    () => 0,
  );
  const log = await open(logFile, 'a');
  // In a process group of its own, so that the terminal's Ctrl-C leaves it to stop(), in the right order.
  const child = spawn(spec.binary, args, {
    cwd: spec.workingFolder,
    env: spec.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const failure = await new Promise<Error | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined)).on('error', resolve);
  });
  await log.close();
  if (!child.pid) return { ok: false, problem: 'cannot be started', output: failure?.message ?? '' };
  const server = serverOf(spec, child, child.pid, port, logFile);
  await recordServer(pidFileOf(spec), child.pid);
  const problem = await waitUntilReady(spec, child, server);
  if (!problem) return { ok: true, server };
  await server.stop();
  return { ok: false, problem, output: await tail(logFile, logStart) };
}

function serverOf(
  spec: ServerSpec,
  child: ChildProcess,
  pid: number,
  port: number,
  logFile: string,
): ServerProcess {
  // If this process ends without stop(), by an uncaught error, its servers end too.
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.removeListener('exit', endWithUs);
      resolve();
    });
  });
  return {
    pid,
    port,
    url: `http://127.0.0.1:${port}`,
    logFile,
    ended,
    signal: (signal) => child.kill(signal),
    stop: async () => {
      await end(child, ended);
      await forgetServer(pidFileOf(spec));
    },
  };
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
  try {
    await ended;
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong, or undefined when it is ready. */
async function waitUntilReady(
  spec: ServerSpec,
  child: ChildProcess,
  { url, pid, port }: ServerProcess,
): Promise<string | undefined> {
  const seconds = spec.readySeconds ?? 30;
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const ready = await answers(url + spec.readyPath);
    if (hasEnded(child)) return 'ended before it was ready';
    if (spec.signal?.aborted) return 'was stopped before it was ready';
    // Another server of the same kind may have taken the port: ours finds out a little later.
    if (ready && (await listensOn(pid, port)) !== false) return undefined;
    await sleep(25);
  }
  return `was not ready within ${seconds} s`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pidFileOf({ dataDir, name }: ServerSpec): string {
  return join(dataDir, `${name}.pid`);
}

async function tail(file: string, from: number): Promise<string> {
  const content = await readFile(file);
  return content.subarray(from).toString('utf8').trim().split('\n').slice(-20).join('\n');
}
