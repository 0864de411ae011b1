import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { ExecutorHold } from '../domain/executor-hold.ts';
import type { Executor } from '../executors/executor.ts';
import type { RunnerTelemetry } from '../telemetry/sdk.ts';
import type { AttemptContext, RunningAttempt } from './attempt-run.ts';
import { type Pause, pause } from './backoff.ts';
import { inheritedByChildren } from './child-environment.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createExecutorProbes, type ExecutorProbes } from './executor-probes.ts';
import { isOver, newRunnerLife } from './runner-life.ts';
import { secretsOf } from './secrets.ts';
import type { ServiceClient } from './service-client.ts';
import { createSpool, type Spool } from './spool.ts';
import { createWorkDirs } from './work-dirs.ts';

export interface RunnerOptions {
  /** The same after a restart. */
  id: string;
  client: ServiceClient;
  /** Those whose program was found. */
  executors: Executor[];
  /** Tasks that run at the same time. */
  workers: number;
  projects?: string[];
  tags?: string[];
  /** Between two claims while there is nothing to do. */
  pollSeconds: number;
  /** Between TERM and KILL. */
  graceSeconds: number;
  /** How long outcomes are still reported for after the last process has been ended, at a stop; 10 unless said. */
  reportSeconds?: number;
  /** How long an agent that streams may take before its first output; 300 unless said. */
  firstByteSeconds?: number;
  /** How long an agent that streams may then be silent; 900 unless said. */
  stallSeconds?: number;
  /** How long a process may live on after its final result; 30 unless said. */
  afterResultSeconds?: number;
  /** The task types of which an attempt in a git work tree without a change has failed; none unless said. */
  changeExpected?: string[];
  /** How long the work tree of a failed attempt is kept; 72 unless said. */
  keepFailedHours?: number;
  /** Stop by itself when a claim answers that there is nothing, and nothing runs. */
  once?: boolean;
  /** With `once`: how long the service may not answer before the runner gives up; 30 unless said. */
  giveUpSeconds?: number;
  dataDir: string;
  logsDir: string;
  /** How much of each attempt's output its log keeps, head and tail; 64 MiB unless said. */
  logMaxBytes?: number;
  /** Prompt templates; the direction is the prompt without it. */
  promptsDir?: string;
  /** Skill overlays; none are laid over without it. */
  skillsDir?: string;
  /** The environment that children inherit, without our own settings. */
  env: NodeJS.ProcessEnv;
  /** Further secrets that no log may show, besides those that the environment calls so. */
  ownSecrets?: readonly string[];
  telemetry: Pick<RunnerTelemetry, 'metrics' | 'tracer' | 'metricsUrl'>;
  logger: Logger;
  clock?: Clock;
  /** Milliseconds that only ever go forward. */
  monotonic?: () => number;
  random?: () => number;
  /** How it waits between two calls of the service. */
  pause?: Pause;
}

/** A runner while it lives. */
export interface RunnerState {
  readonly options: RunnerOptions;
  readonly attempts: AttemptContext;
  readonly spool: Spool;
  readonly delivery: Delivery;
  readonly probes: ExecutorProbes;
  readonly random: () => number;
  readonly pause: Pause;
  /** What runs, each until its outcome is reported. */
  readonly running: Map<RunningAttempt, Promise<void>>;
  readonly done: PromiseWithResolvers<void>;
  readonly timers: NodeJS.Timeout[];
  started: boolean;
  stopping: boolean;
  /** `done` is settled. */
  ended: boolean;
  /** Aborted, and made anew, whenever the claim loop has a reason to look again. */
  wake: AbortController;
  /** Claims that have failed in a row. */
  failedClaims: number;
  /** What the service last said gets no tasks, by executor. */
  held: Map<string, ExecutorHold>;
  /** The projects whose budgets it last said to hold tasks back; undefined is that of all together. */
  throttled: Set<string | undefined>;
  /** When the first of them failed, on the monotonic clock. */
  failingSince: number;
}

export function newRunnerState(options: RunnerOptions): RunnerState {
  const random = options.random ?? Math.random;
  const wait = options.pause ?? pause;
  const attempts = attemptContext(options);
  const spool = createSpool(join(options.dataDir, 'spool'), attempts.life);
  const state: RunnerState = {
    options,
    attempts,
    spool,
    delivery: createDelivery({
      client: options.client,
      spool,
      // Another runner on this data folder delivers its own, as long as it lives.
      isLeftOver: (finish) => isOver(finish, attempts.life),
      metrics: options.telemetry.metrics,
      random,
      pause: wait,
      logger: options.logger,
    }),
    probes: createExecutorProbes({
      executors: attempts.executors,
      env: inheritedByChildren(options.env),
      monotonic: attempts.monotonic,
      random,
      onPass: () => wakeUp(state),
      logger: options.logger,
    }),
    random,
    pause: wait,
    running: new Map(),
    done: Promise.withResolvers(),
    timers: [],
    started: false,
    stopping: false,
    ended: false,
    wake: new AbortController(),
    failedClaims: 0,
    failingSince: 0,
    held: new Map(),
    throttled: new Set(),
  };
  return state;
}

function attemptContext(options: RunnerOptions): AttemptContext {
  const clock = options.clock ?? systemClock;
  const life = newRunnerLife(options.dataDir, options.id);
  return {
    ...options,
    runner: options.id,
    life,
    executors: new Map(options.executors.map((executor) => [executor.name, executor])),
    workDirs: createWorkDirs({
      dataDir: options.dataDir,
      env: options.env,
      keepFailedHours: options.keepFailedHours ?? 72,
      life,
      clock,
      logger: options.logger,
    }),
    changeExpected: options.changeExpected ?? [],
    limits: {
      firstByteSeconds: options.firstByteSeconds ?? 300,
      stallSeconds: options.stallSeconds ?? 900,
      afterResultSeconds: options.afterResultSeconds ?? 30,
    },
    secrets: secretsOf(options.env, options.ownSecrets),
    metrics: options.telemetry.metrics,
    clock,
    monotonic: options.monotonic ?? (() => performance.now()),
  };
}

/** Lets the claim loop look again at once. */
export function wakeUp(state: RunnerState): void {
  state.wake.abort();
  state.wake = new AbortController();
}
