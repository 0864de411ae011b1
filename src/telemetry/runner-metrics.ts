import type { Meter } from '@opentelemetry/api';
import type { ExecutorHold } from '../domain/executor-hold.ts';
import {
  type ClaimResult,
  claimResults,
  durationBoundaries,
  type MetricDefinition,
  runnerCounters,
  runnerGauges,
  taskHistograms,
} from './names.ts';

export interface ObservedOutcome {
  /** The bounded labels that the service answered. */
  labels: Record<string, string>;
  status: 'completed' | 'failed';
  duration_seconds: number;
  /** From when the task could first run until the attempt began, if it is known. */
  queue_seconds?: number;
}

/** A runner's own metrics. */
export interface RunnerMetrics {
  /** Whether what is observed here is exported: an outcome may say so of its duration only then. */
  readonly exported: boolean;
  attemptStarted(executor: string): void;
  attemptEnded(executor: string): void;
  /** A task gave output at this time, in milliseconds since the epoch. */
  progress(at: number): void;
  /** The runner asked for tasks. */
  claimed(result: ClaimResult): void;
  /** So many outcomes are not delivered yet. */
  spoolDepth(outcomes: number): void;
  /** An outcome could not be kept on disk. */
  spoolFailed(): void;
  /** What the service says gets no tasks now. */
  held(holds: readonly Pick<ExecutorHold, 'executor' | 'state'>[]): void;
  /** Once for each outcome that the service has recorded. */
  observe(outcome: ObservedOutcome): void;
}

/** Makes the instruments; the gauge of running tasks exists at 0 for these executors from the start. */
export function createRunnerMetrics(
  meter: Meter,
  options: { executors: string[]; exported: boolean },
): RunnerMetrics {
  const duration = createHistogram(meter, taskHistograms.duration);
  const queue = createHistogram(meter, taskHistograms.queue);
  const running = new Map(options.executors.map((executor) => [executor, 0]));
  let lastProgress: number | undefined;
  let spooled = 0;
  let held: readonly Pick<ExecutorHold, 'executor' | 'state'>[] = [];
  const claims = meter.createCounter(runnerCounters.claims.name, { description: runnerCounters.claims.help });
  for (const result of claimResults) claims.add(0, { result });
  const { name, help } = runnerCounters.spool_errors;
  const spoolErrors = meter.createCounter(name, { description: help });
  spoolErrors.add(0);

  createGauge(meter, runnerGauges.spool, (observe) => observe(spooled));
  createGauge(meter, runnerGauges.held, (observe) => {
    for (const { executor, state } of held) observe(1, { executor, state });
  });
  createGauge(meter, runnerGauges.running, (observe) => {
    for (const [executor, count] of running) observe(count, { executor });
  });
  createGauge(meter, runnerGauges.progress, (observe) => {
    if (lastProgress !== undefined) observe(lastProgress / 1000);
  });
  const count = (executor: string, change: number) =>
    running.set(executor, (running.get(executor) ?? 0) + change);

  return {
    exported: options.exported,
    attemptStarted: (executor) => void count(executor, 1),
    attemptEnded: (executor) => void count(executor, -1),
    progress: (at) => {
      lastProgress = at;
    },
    claimed: (result) => claims.add(1, { result }),
    spoolDepth: (outcomes) => {
      spooled = outcomes;
    },
    spoolFailed: () => spoolErrors.add(1),
    held: (holds) => {
      held = holds;
    },
    observe: ({ labels, status, duration_seconds, queue_seconds }) => {
      duration.record(duration_seconds, pick({ ...labels, status }, taskHistograms.duration.labels));
      if (queue_seconds !== undefined) queue.record(queue_seconds, pick(labels, taskHistograms.queue.labels));
    },
  };
}

function createGauge(
  meter: Meter,
  definition: MetricDefinition,
  read: (observe: (value: number, labels?: Record<string, string>) => void) => void,
): void {
  const gauge = meter.createObservableGauge(definition.name, { description: definition.help });
  gauge.addCallback((result) => read((value, labels) => result.observe(value, labels)));
}

function createHistogram(meter: Meter, definition: MetricDefinition) {
  return meter.createHistogram(definition.name, {
    description: definition.help,
    // The library's own boundaries are for milliseconds.
    advice: { explicitBucketBoundaries: durationBoundaries },
  });
}

/** Just the labels that a metric has: an answer may hold more, and each would make new series. */
function pick(labels: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? 'unknown']));
}
