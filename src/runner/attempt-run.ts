import type { Logger } from 'pino';
import type { ClaimedTask } from '../domain/attempt.ts';
import { type Clock, toRfc3339 } from '../domain/clock.ts';
import { messageOf } from '../domain/errors.ts';
import type { Executor, Interpretation } from '../executors/executor.ts';
import type { RunnerMetrics } from '../telemetry/runner-metrics.ts';
import type { AgentRun } from './agent-run.ts';
import { type EndReason, failedBefore, overrule } from './attempt-end.ts';
import { describeSpent } from './attempt-spent.ts';
import { workOn } from './attempt-work.ts';
import type { ProcessGroup } from './process-group.ts';
import type { RunnerLife } from './runner-life.ts';
import type { Secrets } from './secrets.ts';
import { TaskLog } from './task-log.ts';
import type { WatchLimits } from './watchdog.ts';
import type { CollectedWork } from './work-dir.ts';
import type { WorkDirs } from './work-dirs.ts';

/** What every attempt of a runner shares. */
export interface AttemptContext {
  runner: string;
  life: RunnerLife;
  executors: ReadonlyMap<string, Executor>;
  workDirs: WorkDirs;
  logsDir: string;
  logMaxBytes?: number;
  promptsDir?: string;
  skillsDir?: string;
  /** The task types of which an attempt without a change has failed, unless the task says. */
  changeExpected: readonly string[];
  limits: Omit<WatchLimits, 'maxCostUsd' | 'maxTurns'>;
  /** Between TERM and KILL. */
  graceSeconds: number;
  /** The environment that children inherit, without our own settings. */
  env: NodeJS.ProcessEnv;
  secrets: Secrets;
  metrics: RunnerMetrics;
  logger: Logger;
  clock: Clock;
  /** Milliseconds that only ever go forward. */
  monotonic: () => number;
}

export interface AttemptResult {
  interpretation: Interpretation;
  duration_seconds: number;
  log_tail: string;
  /** Why it was ended, if it did not end by itself. */
  endReason?: EndReason;
  /** What it changed, where that can be told. */
  work?: CollectedWork;
}

/** An attempt that runs. */
export interface RunningAttempt {
  readonly claimed: ClaimedTask;
  /** Never rejects: whatever goes wrong is a result. */
  readonly result: Promise<AttemptResult>;
  /** Ends it early; the first reason stands. */
  end(reason: EndReason): void;
  /** Ends what runs at once, without waiting for it. */
  kill(): void;
  /** Undefined where silence says nothing. */
  secondsSinceProgress(): number | undefined;
}

/** One attempt while it runs: what its steps and its ends share. */
export interface AttemptState {
  readonly claimed: ClaimedTask;
  readonly context: AttemptContext;
  readonly traceparent?: string;
  /** The processes that run now. */
  group?: ProcessGroup;
  endReason?: EndReason;
  /** Aborted with `endReason`. */
  readonly ended: AbortController;
  /** True once nothing is left to be ended. */
  over: boolean;
  /** Whether output is to be expected now. */
  streams: boolean;
  progressAt: number;
  work?: CollectedWork;
}

export function startAttempt(
  claimed: ClaimedTask,
  context: AttemptContext,
  traceparent?: string,
): RunningAttempt {
  const state: AttemptState = {
    claimed,
    context,
    traceparent,
    ended: new AbortController(),
    over: false,
    streams: context.executors.get(claimed.task.executor)?.streams ?? false,
    progressAt: context.monotonic(),
  };
  return {
    claimed,
    result: run(state),
    end: (reason) => endAttempt(state, reason),
    kill: () => state.group?.kill(),
    secondsSinceProgress: () =>
      state.streams ? Math.max(0, context.monotonic() - state.progressAt) / 1000 : undefined,
  };
}

async function run(state: AttemptState): Promise<AttemptResult> {
  const { context, claimed } = state;
  const started = context.monotonic();
  const log = await openLog(state);
  const timer = setTimeout(() => endAttempt(state, 'timeout'), claimed.task.timeout_seconds * 1000);
  let agent: AgentRun;
  try {
    agent = await workOn(state, log);
  } catch (error) {
    context.logger.error({ err: error, task: claimed.task.id }, 'the attempt could not be run');
    agent = failedBefore(messageOf(error));
  } finally {
    clearTimeout(timer);
    state.over = true;
  }
  const interpretation = overrule(agent.interpretation, state);
  const duration_seconds = (context.monotonic() - started) / 1000;
  const spent = describeSpent(interpretation);
  if (spent) await log.note(spent);
  const log_tail = await log.close({
    duration_seconds,
    exit: agent.exit,
    status: interpretation.status,
    error_class: interpretation.error_class,
  });
  return { interpretation, duration_seconds, log_tail, endReason: state.endReason, work: state.work };
}

function openLog({ claimed, context }: AttemptState): Promise<TaskLog> {
  const { task, attempt } = claimed;
  const started_at = toRfc3339(context.clock());
  return TaskLog.open({
    dir: context.logsDir,
    taskId: task.id,
    header: `attempt=${attempt} started_at=${started_at} executor=${task.executor} runner=${context.runner}`,
    maxBytes: context.logMaxBytes,
    logger: context.logger.child({ task: task.id }),
  });
}

/** Ends what runs of an attempt, and keeps the rest from being begun. The first reason stands. */
export function endAttempt(state: AttemptState, reason: EndReason): void {
  if (state.over || state.endReason) return;
  state.endReason = reason;
  state.ended.abort();
  void state.group?.end();
}
