import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import type { FinishRequest } from '../../src/domain/attempt.ts';
import type { Task } from '../../src/domain/task.ts';
import { claudeCode } from '../../src/executors/claude-code.ts';
import { shell } from '../../src/executors/shell.ts';
import { createRunner, type Runner, type RunnerOptions } from '../../src/runner/runner.ts';
import { createServiceClient } from '../../src/runner/service-client.ts';
import type { ObservedOutcome, RunnerMetrics } from '../../src/telemetry/runner-metrics.ts';
import { createAttemptTracer } from '../../src/telemetry/tracing.ts';
import { type ServiceStandIn, startServiceStandIn } from '../executors/service-stand-in.ts';

export const fakeCli = new URL('../executors/fake-cli', import.meta.url).pathname;
/** A whole run of Claude Code that went well. */
export const goodRun = 'claude-code/2.1-success.jsonl';

/** A folder of its own, gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a runner measured. */
export interface Measured {
  observed: ObservedOutcome[];
  depths: number[];
  claims: Record<string, number>;
  held: unknown[];
}

export interface LogLine {
  level: number;
  msg: string;
}

/** A runner in this process with all that it talks to. */
export interface Bench {
  readonly folder: string;
  readonly service: ServiceStandIn;
  readonly measured: Measured;
  readonly log: LogLine[];
  /** Starts a runner; it is stopped after the test. */
  start(options?: Partial<RunnerOptions>): Runner;
  /** Runs these tasks to their reported outcomes, and answers what was reported, in the order of the tasks. */
  run(tasks: Task[], options?: Partial<RunnerOptions>): Promise<FinishRequest[]>;
  /** Runs one. */
  runOne(task: Task, options?: Partial<RunnerOptions>): Promise<FinishRequest>;
  logOf(task: Task): string;
}

export async function bench(env: Record<string, string> = {}): Promise<Bench> {
  const folder = testFolder();
  const service = await startServiceStandIn();
  onTestFinished(() => service.close());
  const measured: Measured = { observed: [], depths: [], claims: {}, held: [] };
  const log: LogLine[] = [];
  const options: RunnerOptions = {
    id: 'r1',
    client: createServiceClient({ url: service.url, timeoutSeconds: 2 }),
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
    service.queue.push(...tasks);
    await start({ once: true, ...changes }).done;
    return tasks.map(({ id }) => {
      const finishes = service.finishes.filter((finish) => finish.id === id);
      if (finishes.length !== 1) throw new Error(`${id} was reported ${finishes.length} times`);
      return (finishes[0] as (typeof finishes)[number]).request;
    });
  };
  const runOne = async (task: Task, changes?: Partial<RunnerOptions>) =>
    (await run([task], changes))[0] as FinishRequest;
  const logOf = (task: Task) => readFileSync(join(folder, 'data', 'logs', `task_${task.id}.log`), 'utf8');
  return { folder, service, measured, log, start, run, runOne, logOf };
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
  return vi.waitFor(
    () => {
      const text = readFileSync(path, 'utf8').trim();
      if (text === '') throw new Error(`${path} is empty`);
      return text;
    },
    { timeout: 10_000, interval: 10 },
  );
}
