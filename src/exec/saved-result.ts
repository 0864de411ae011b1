import { createHash } from 'node:crypto';
import { z } from 'zod';
import { systemClock } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { longestDuration } from '../domain/outcome.ts';
import type { Executor, Interpretation } from '../executors/executor.ts';
import { tolerant } from '../executors/tolerant-schema.ts';

/** What a file that holds a CLI's output says. */
export interface SavedResult {
  executor: string;
  interpretation: Interpretation;
  /** As the CLI says it; absent if it does not. */
  duration_seconds?: number;
  /** The same for the same content, so that it is counted once. */
  task_id: string;
}

const anyObject = z.record(z.string(), z.unknown());
const sliceBytes = 1024 * 1024;
const milliseconds = tolerant(
  z
    .number()
    .min(0)
    .max(longestDuration * 1000),
);
const timed = z.object({
  duration_ms: milliseconds,
  stats: tolerant(z.object({ duration_ms: milliseconds })),
});

/**
 * Reads a CLI's saved output, of the executor that is named or of the one that understands it.
 * @throws AppError `invalid` if none does, or several do
 */
export function readSavedResult(
  content: Buffer,
  options: { executors: Executor[]; executor?: string; exitCode: number },
): SavedResult {
  const clis = options.executors.filter(({ name }) => name !== 'shell');
  const { executor, interpretation } = options.executor
    ? named(content, clis, options.executor, options.exitCode)
    : recognized(content, clis, options.exitCode);
  return {
    executor: executor.name,
    interpretation,
    duration_seconds: durationOf(interpretation),
    task_id: `ingest-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`,
  };
}

interface Reading {
  executor: Executor;
  interpretation: Interpretation;
}

function named(content: Buffer, clis: Executor[], name: string, exitCode: number): Reading {
  const executor = clis.find((one) => one.name === name);
  if (executor) return read(content, executor, exitCode);
  throw new AppError('invalid', `there is no executor ${name}; there are ${namesOf(clis)}`);
}

function recognized(content: Buffer, clis: Executor[], exitCode: number): Reading {
  // As if it had ended well: what it exited with would make a failure of any CLI's that none understands.
  const readings = clis.map((executor) => read(content, executor, 0)).filter(isUnderstood);
  // Many have an event that is called `error`; the final one is what tells them apart, or how they introduce themselves.
  const final = readings.filter(({ interpretation }) => interpretation.raw_result !== undefined);
  const announced = readings.filter(({ executor }) => announces(executor.name, content));
  const best = [final, announced, readings].find((some) => some.length > 0) ?? [];
  const understood = best.map(({ executor }) => executor);
  const [only, another] = understood;
  if (!only) {
    const what = content.length === 0 ? 'it is empty' : 'it is no result of a CLI that is known';
    throw new AppError('invalid', `${what} (--executor says whose it is: ${namesOf(clis)})`);
  }
  if (another) throw new AppError('invalid', `it could be of ${namesOf(understood)}: say --executor`);
  return read(content, only, exitCode);
}

function read(content: Buffer, executor: Executor, exitCode: number): Reading {
  const reader = executor.createReader(systemClock);
  for (let at = 0; at < content.length; at += sliceBytes) reader.push(content.subarray(at, at + sliceBytes));
  const tail = content.subarray(-8192).toString();
  return { executor, interpretation: reader.interpret({ exitCode, tail }) };
}

/** Whether the reader has found a final event of its CLI, or an error that it knows. */
function isUnderstood({ executor, interpretation: { raw_result, error_class } }: Reading): boolean {
  if (raw_result !== undefined) return isOwn(executor.name, raw_result);
  return error_class !== undefined && error_class !== 'malformed_output' && error_class !== 'empty_output';
}

/** Three CLIs end with an event `result`: what only one of them has in it. */
const hallmarks: Record<string, string[]> = {
  'claude-code': ['total_cost_usd', 'modelUsage', 'num_turns', 'terminal_reason', 'api_error_status'],
  gemini: ['status', 'stats', 'response'],
};

function isOwn(name: string, rawResult: string): boolean {
  const final = anyObject.safeParse(JSON.parse(rawResult)).data;
  if (final?.type !== 'result') return true;
  const [owner = 'cursor'] =
    Object.entries(hallmarks).find(([, members]) => members.some((member) => member in final)) ?? [];
  return name === owner;
}

/** What a CLI that prints text begins it with. */
const introductions: Record<string, RegExp> = { aider: /^Aider v\d/m };

function announces(name: string, content: Buffer): boolean {
  return introductions[name]?.test(content.subarray(0, 8192).toString()) ?? false;
}

function durationOf({ raw_result }: Interpretation): number | undefined {
  const { data } = timed.safeParse(raw_result === undefined ? undefined : JSON.parse(raw_result));
  const duration = data?.duration_ms ?? data?.stats?.duration_ms;
  return duration === undefined ? undefined : duration / 1000;
}

function namesOf(executors: Executor[]): string {
  return executors.map(({ name }) => name).join(', ');
}
