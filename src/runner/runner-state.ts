import type { Logger } from 'pino';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { Executor } from '../executors/executor.ts';
import type { RunnerTelemetry } from '../telemetry/sdk.ts';
import type { AttemptContext, RunningAttempt } from './attempt-run.ts';
import type { ServiceClient } from './service-client.ts';

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
  /** Stop by itself when a claim answers that there is nothing, and nothing runs. */
  once?: boolean;
  /** With `once`: how long the service may not answer before the runner gives up; 30 unless said. */
  giveUpSeconds?: number;
  dataDir: string;
  logsDir: string;
  /** How much of each attempt's output its log keeps; 64 MiB unless said. */
  logMaxBytes?: number;
  /** The environment that children inherit, without our own settings. */
  env: NodeJS.ProcessEnv;
  telemetry: Pick<RunnerTelemetry, 'metrics' | 'tracer' | 'metricsUrl'>;
  logger: Logger;
  clock?: Clock;
  /** Milliseconds that only ever go forward. */
  monotonic?: () => number;
  random?: () => number;
}

/** A runner while it lives. */
export interface RunnerState {
  readonly options: RunnerOptions;
  readonly attempts: AttemptContext;
  readonly random: () => number;
  /** What runs, each until its outcome is reported. */
  readonly running: Map<RunningAttempt, Promise<void>>;
  readonly done: PromiseWithResolvers<void>;
  /** Ends the reporting of what cannot be reported. */
  readonly giveUp: AbortController;
  readonly timers: NodeJS.Timeout[];
  started: boolean;
  stopping: boolean;
  /** `done` is settled. */
  ended: boolean;
  /** Aborted, and made anew, whenever the claim loop has a reason to look again. */
  wake: AbortController;
  /** Claims that have failed in a row. */
  failedClaims: number;
  /** When the first of them failed, on the monotonic clock. */
  failingSince: number;
}

export function newRunnerState(options: RunnerOptions): RunnerState {
  return {
    options,
    attempts: {
      ...options,
      runner: options.id,
      executors: new Map(options.executors.map((executor) => [executor.name, executor])),
      metrics: options.telemetry.metrics,
      clock: options.clock ?? systemClock,
      monotonic: options.monotonic ?? (() => performance.now()),
    },
    random: options.random ?? Math.random,
    running: new Map(),
    done: Promise.withResolvers(),
    giveUp: new AbortController(),
    timers: [],
    started: false,
    stopping: false,
    ended: false,
    wake: new AbortController(),
    failedClaims: 0,
    failingSince: 0,
  };
}

/** Lets the claim loop look again at once. */
export function wakeUp(state: RunnerState): void {
  state.wake.abort();
  state.wake = new AbortController();
}
