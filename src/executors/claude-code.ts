import type { TaskMetric } from '../domain/outcome.ts';
import type { Task } from '../domain/task.ts';
import { claudeFailure, failureWithoutResult } from './claude-code-failure.ts';
import { parseEvent, type ResultEvent } from './claude-code-output.ts';
import { readCost, readUsage } from './claude-code-usage.ts';
import type { Executor, Interpretation, OutputReader, ProcessEnd } from './executor.ts';
import { findProgram } from './find-program.ts';
import { LineReader } from './line-reader.ts';
import { plainHead } from './process-end.ts';

export interface ClaudeCodeSettings {
  /** The program's name or path. */
  command: string;
  /** Further arguments, after ours. */
  args: string[];
  billing: TaskMetric['billing'];
}

/**
 * Claude Code, headless. The prompt goes in on stdin: an argument could be read by every user of the machine (`ps`),
 * taken for an option if it begins with `-`, swallowed by a variadic option among `args`, and be too long.
 */
export function claudeCode(settings: ClaudeCodeSettings): Executor {
  return {
    name: 'claude-code',
    streams: true,
    command: (task) => ({
      program: settings.command,
      args: [
        '-p',
        '--output-format',
        'stream-json',
        '--verbose',
        // With `=`, so that no value is taken for an option.
        ...(task.model === 'default' ? [] : [`--model=${task.model}`]),
        ...(task.max_cost_usd === undefined ? [] : [`--max-budget-usd=${task.max_cost_usd}`]),
        ...settings.args,
      ],
      stdin: promptOf(task),
    }),
    createReader: () => createReader(settings.billing),
    probe: async (env) => {
      const path = await findProgram(settings.command, env);
      if (path) return { found: true, detail: path };
      return {
        found: false,
        advice:
          `${settings.command} is not on PATH. Install Claude Code (npm install -g @anthropic-ai/claude-code), ` +
          'log in by running `claude` once, or name the program in executors.claude-code.command.',
      };
    },
  };
}

function promptOf(task: Task): string {
  if (!task.decision) return task.direction;
  const asked = task.decision_prompt ? `You asked: ${task.decision_prompt}\n` : '';
  return `${task.direction}\n\n${asked}The decision: ${task.decision}`;
}

function createReader(billing: TaskMetric['billing']): OutputReader {
  // Only the last result counts: each repeats what the ones before it said.
  const seen: { anything: boolean; model?: string; result?: ResultEvent } = { anything: false };
  const lines = new LineReader((line) => {
    const event = parseEvent(line);
    if (event?.type === 'system') seen.model = event.model ?? seen.model;
    if (event?.type === 'result') seen.result = event;
  });
  return {
    push(chunk) {
      seen.anything ||= chunk.byteLength > 0;
      lines.push(chunk);
    },
    interpret(end) {
      lines.end();
      if (seen.result) return interpretResult(seen.result, end, billing, seen.model);
      return {
        status: 'failed',
        ...failureWithoutResult(end, seen.anything),
        model: seen.model,
        usage_state: 'none',
        cost_source: 'unpriced',
        billing,
      };
    },
  };
}

function interpretResult(
  result: ResultEvent,
  end: ProcessEnd,
  billing: TaskMetric['billing'],
  initModel?: string,
): Interpretation {
  const failure = claudeFailure(result, end);
  const { model, ...usage } = readUsage(result, initModel);
  return {
    status: failure ? 'failed' : 'completed',
    ...failure,
    model,
    ...usage,
    ...readCost(result, usage),
    billing,
    text: result.result === undefined ? undefined : plainHead(result.result, 20_000),
  };
}
