import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type StartedRunner, startRunner } from '../../src/app/runner.ts';
import { type ConfigInput, parseConfig } from '../../src/config.ts';
import type { Attempt } from '../../src/domain/attempt.ts';
import type { ExecutorHold } from '../../src/domain/executor-hold.ts';
import type { Task } from '../../src/domain/task.ts';
import type { MetricsSummary } from '../../src/reports/metrics-summary.ts';
import { eventually } from '../eventually.ts';
import { type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';
import { endWithTest, survivorsOf } from './survivors.ts';

/** The agent CLIs; each is the same fake one here. */
export const clis = ['claude-code', 'codex', 'cursor', 'gemini', 'opencode'] as const;
export type Cli = (typeof clis)[number];

/** How the fake agent behaves: the variables of `fake-cli`, without `FAKE_`. */
export type Behaviour = Partial<Record<'MODE' | 'FIXTURE' | 'EXIT' | 'BYTES', string | number>>;

/** A run of each that went well. */
export const goodRuns: Record<Cli, string> = {
  'claude-code': 'claude-code/2.1-success.jsonl',
  codex: 'codex/0.142-cache-write.jsonl',
  cursor: 'cursor/2026.02-success.jsonl',
  gemini: 'gemini/0.56-success.jsonl',
  opencode: 'opencode/1.17-success.jsonl',
};

export type TaskDetail = Task & { attempts: Attempt[] };

/** The real service and the real runner, on one data folder, with fake agents. */
export interface Pipeline {
  readonly service: ServiceUnderTest;
  readonly runner: StartedRunner;
  /** The runner's program log. */
  readonly said: string[];
  /** Queues a task, of one attempt unless said; answers its id. */
  queue(executor: Cli | 'shell', behaviour?: Behaviour, task?: object): Promise<string>;
  /** The task, once this attempt of it has ended; the first, unless said. */
  attempted(id: string, attempt?: number): Promise<TaskDetail>;
  find(id: string): Promise<TaskDetail>;
  /** Its log, by the API. */
  logOf(id: string, offset?: number): Promise<string>;
  /** The contract: all of it, or as a query such as `executor=codex` narrows it. */
  summary(query?: string): Promise<MetricsSummary>;
  holds(): Promise<ExecutorHold[]>;
  /** From now on every agent behaves so, whatever its prompt says. */
  behave(behaviour: Behaviour): void;
  /** What a fake agent left in its folder. */
  left(id: string, file: string): string;
  /** The processes of this task that are still there. */
  survivors(id: string): Promise<number[]>;
  /** Lets time pass for service and runner, in which the service lives. */
  pass(seconds: number): Promise<void>;
  /** The same, but it does not: long times, while nothing runs. */
  sleepThrough(seconds: number): void;
}

export interface PipelineOptions {
  runner?: ConfigInput['runner'];
  tasks?: ConfigInput['tasks'];
  executors?: ConfigInput['executors'];
  env?: Record<string, string>;
  /** Whether spans go out, to where the environment of this process says. */
  traces?: boolean;
  /** When it begins, in milliseconds since the epoch; now, unless said. */
  begins?: number;
  monotonic?: () => number;
}

export const fakeAgent = join(import.meta.dirname, 'fake-agent');

export async function pipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const settings = settingsOf(options);
  const time = movableTime(options.begins ?? Date.now());
  const service = await serviceUnderTest(settings, time.clock);
  const fake = join(service.folder, 'fake');
  mkdirSync(fake);
  const said: string[] = [];
  const runner = await startRunner(parseConfig({ data_dir: service.folder, ...settings }), {
    serviceUrl: service.url,
    logger: pino({ level: 'debug' }, { write: (line) => void said.push(JSON.parse(line).msg) }),
    env: { PATH: process.env.PATH, HOME: service.folder, FAKE_DIR: fake, ...options.env },
    clock: time.clock,
    monotonic: options.monotonic,
  });
  onTestFinished(() => runner.close());
  const get = async <T>(path: string) => (await service.get(path)).body as T;
  const find = (id: string) => get<TaskDetail>(`/api/agent/tasks/${id}`);
  return {
    service,
    runner,
    said,
    find,
    async queue(executor, behaviour = {}, task = {}) {
      const body = { direction: wordsOf(behaviour), task_type: 'review', executor, max_attempts: 1, ...task };
      const answer = await service.send('POST', '/api/agent/tasks', body, { admin: true });
      if (answer.status !== 201) throw new Error(answer.text);
      const { id } = answer.body as Task;
      endWithTest(id);
      return id;
    },
    attempted: (id, attempt = 1) =>
      eventually(async () => {
        const task = await find(id);
        const ended = task.attempts.find((one) => one.attempt === attempt)?.ended_at;
        if (!ended) throw new Error(`attempt ${attempt} of ${id} has not ended: ${JSON.stringify(task)}`);
        return task;
      }),
    logOf: async (id, offset = 0) => (await service.get(`/api/agent/tasks/${id}/log?offset=${offset}`)).text,
    summary: (query = '') => get(`/api/agent/metrics?window=7d&${query}`),
    holds: async () => (await get<{ items: ExecutorHold[] }>('/api/agent/executors')).items,
    behave: (behaviour) => writeFileSync(join(fake, 'behaviour'), wordsOf(behaviour)),
    left: (id, file) => readFileSync(join(fake, id, file), 'utf8'),
    survivors: survivorsOf,
    async pass(seconds) {
      for (let left = seconds; left > 0; left -= 10) {
        time.skip(Math.min(10, left));
        await service.store.beat();
      }
    },
    sleepThrough: time.skip,
  };
}

/** Time that goes on by itself, and can be moved on. */
function movableTime(begins: number) {
  const started = performance.now();
  let skipped = 0;
  return {
    clock: () => Math.round(begins + performance.now() - started + skipped),
    skip(seconds: number) {
      skipped += seconds * 1000;
    },
  };
}

function settingsOf({ runner, tasks, executors, traces = false }: PipelineOptions): ConfigInput {
  return {
    export_traces: traces,
    service: { allow_shell_tasks: true },
    tasks: { backoff_seconds: 0, ...tasks },
    runner: {
      id: 'r1',
      workers: 5,
      metrics_port: 0,
      poll_seconds: 0.03,
      grace_seconds: 0.3,
      ...runner,
    },
    executors: Object.fromEntries(
      clis.map((cli) => [cli, { command: fakeAgent, billing: 'metered', ...executors?.[cli] }]),
    ),
  };
}

function wordsOf(behaviour: Behaviour): string {
  return Object.entries(behaviour)
    .map(([name, value]) => `FAKE_${name}=${value}`)
    .join(' ')
    .concat(' .');
}
