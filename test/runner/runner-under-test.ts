import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { FinishRequest } from '../../src/domain/attempt.ts';
import type { Task } from '../../src/domain/task.ts';
import { claudeCode } from '../../src/executors/claude-code.ts';
import { shell } from '../../src/executors/shell.ts';
import { createRunner, type Runner, type RunnerOptions } from '../../src/runner/runner.ts';
import { createServiceClient, type ServiceClient } from '../../src/runner/service-client.ts';
import type { ObservedOutcome, RunnerMetrics } from '../../src/telemetry/runner-metrics.ts';
import { createAttemptTracer } from '../../src/telemetry/tracing.ts';
import { eventually } from '../eventually.ts';
import { type ServiceStandIn, startServiceStandIn } from '../executors/service-stand-in.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';

export const fakeCli = new URL('../executors/fake-cli', import.meta.url).pathname;
/** A whole run of Claude Code that went well. */
export const goodRun = 'claude-code/2.1-success.jsonl';

/** A folder of its own, gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** What a runner measured. */
export interface Measured {
  observed: ObservedOutcome[];
  depths: number[];
  spoolErrors: number;
  claims: Record<string, number>;
  held: unknown[];
}

export interface LogLine {
  level: number;
  msg: string;
}

interface Reported {
  id: string;
  request: FinishRequest;
}

/** A runner in this process with all that it talks to. */
export interface Bench<Service> {
  readonly folder: string;
  readonly service: Service;
  readonly measured: Measured;
  readonly log: LogLine[];
  /** What was reported by the runners of this process. */
  readonly reported: readonly Reported[];
  /** Puts tasks into the service's queue. */
  queue(...tasks: Task[]): Promise<void>;
  /** Starts a runner; it is stopped after the test. */
  start(options?: Partial<RunnerOptions>): Runner;
  /** Runs these tasks to their reported outcomes, and answers what was reported, in the order of the tasks. */
  run(tasks: Task[], options?: Partial<RunnerOptions>): Promise<FinishRequest[]>;
  /** Runs one. */
  runOne(task: Task, options?: Partial<RunnerOptions>): Promise<FinishRequest>;
  logOf(task: Task): string;
}

/** With the real service. A task that is to be tried again is not, within the time of a test. */
export async function bench(env: Record<string, string> = {}): Promise<Bench<ServiceUnderTest>> {
  const service = await serviceUnderTest({ service: { allow_shell_tasks: true } });
  return benchOn(service, env, async (...tasks) => {
    for (const task of tasks) {
      const answer = await service.send('POST', '/api/agent/tasks', requestOf(task), { admin: true });
      if (answer.status !== 201) throw new Error(answer.text);
    }
  });
}

/** With a service whose answers a test decides, for what the real one does not do when it is told to. */
export async function standInBench(env: Record<string, string> = {}): Promise<Bench<ServiceStandIn>> {
  const service = await startServiceStandIn();
  onTestFinished(() => service.close());
  return benchOn(service, env, async (...tasks) => void service.queue.push(...tasks));
}

function benchOn<Service extends { url: string }>(
  service: Service,
  env: Record<string, string>,
  queue: Bench<Service>['queue'],
): Bench<Service> {
  const folder = testFolder();
  const measured: Measured = { observed: [], depths: [], spoolErrors: 0, claims: {}, held: [] };
  const log: LogLine[] = [];
  const reported: Reported[] = [];
  const options: RunnerOptions = {
    id: 'r1',
    client: recording(createServiceClient({ url: service.url, timeoutSeconds: 20 }), reported),
    executors: [shell, claudeCode({ command: fakeCli, args: [], billing: 'metered' })],
    workers: 4,
    pollSeconds: 0.02,
    graceSeconds: 0.3,
    dataDir: join(folder, 'data'),
    logsDir: join(folder, 'data', 'logs'),
    env: { PATH: process.env.PATH, HOME: folder, FAKE_DIR: folder, FAKE_FIXTURE: goodRun, ...env },
    telemetry: {
      metrics: recordingMetrics(measured),
      tracer: createAttemptTracer(trace.getTracer('test')),
      metricsUrl: 'http://127.0.0.1:9/metrics',
    },
    logger: pino({ level: 'debug' }, { write: (line) => void log.push(JSON.parse(line)) }),
  };
  const start = (changes: Partial<RunnerOptions> = {}) => {
    const runner = createRunner({ ...options, ...changes });
    onTestFinished(() => runner.stop());
    runner.start();
    return runner;
  };
  const run = async (tasks: Task[], changes: Partial<RunnerOptions> = {}) => {
    await queue(...tasks);
    await start({ once: true, ...changes }).done;
    return tasks.map(({ id }) => {
      const requests = reported.filter((finish) => finish.id === id).map(({ request }) => request);
      // On a slow machine an answer may come too late, and the same is sent again.
      const different = new Set(requests.map((request) => JSON.stringify(request)));
      if (different.size !== 1) throw new Error(`${id} was reported ${different.size} times`);
      return requests[0] as FinishRequest;
    });
  };
  const runOne = async (task: Task, changes?: Partial<RunnerOptions>) =>
    (await run([task], changes))[0] as FinishRequest;
  const logOf = (task: Task) => readFileSync(join(folder, 'data', 'logs', `task_${task.id}.log`), 'utf8');
  return { folder, service, measured, log, reported, queue, start, run, runOne, logOf };
}

/** What a caller says of a task that a claim would hand out. */
function requestOf(task: Task): object {
  const { id, direction, task_type, project, executor, model, repo, base_ref, verify, context } = task;
  const { timeout_seconds, max_attempts, expects_change } = task;
  const said = { id, direction, task_type, project, executor, model, repo, base_ref, verify, context };
  return { ...said, timeout_seconds, max_attempts, expects_change };
}

function recording(client: ServiceClient, reported: Reported[]): ServiceClient {
  return {
    ...client,
    finish(id, request) {
      reported.push({ id, request });
      return client.finish(id, request);
    },
  };
}

function recordingMetrics(measured: Measured): RunnerMetrics {
  return {
    exported: true,
    attemptStarted: () => {},
    attemptEnded: () => {},
    progress: () => {},
    claimed: (result) => {
      measured.claims[result] = (measured.claims[result] ?? 0) + 1;
    },
    spoolFailed: () => {
      measured.spoolErrors += 1;
    },
    spoolDepth: (depth) => void measured.depths.push(depth),
    held: (holds) => {
      measured.held = [...holds];
    },
    observe: (outcome) => void measured.observed.push(outcome),
  };
}

/** A git repository with one commit. */
export function testRepository(folder: string, files: Record<string, string> = { 'a.txt': 'one\n' }): string {
  const repo = mkdtempSync(join(folder, 'repo-'));
  git(repo, 'init', '-q', '-b', 'main');
  for (const [name, content] of Object.entries(files)) {
    execFileSync('mkdir', ['-p', join(repo, name, '..')]);
    writeFileSync(join(repo, name), content);
  }
  git(repo, 'add', '-A');
  git(repo, '-c', 'user.name=Someone', '-c', 'user.email=someone@example.invalid', 'commit', '-qm', 'First');
  return repo;
}

export function git(repo: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: repo };
  return execFileSync('git', ['-C', repo, ...args], { encoding: 'utf8', env }).trim();
}

/** Whether a process is there and runs; a zombie does not. */
export function isRunning(pid: string | number): boolean {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${String(pid).trim()}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The content of a file, once it is there with something in it. */
export function appears(path: string): Promise<string> {
  return eventually(() => {
    const text = readFileSync(path, 'utf8').trim();
    if (text === '') throw new Error(`${path} is empty`);
    return text;
  });
}
