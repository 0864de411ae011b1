import { z } from 'zod';
import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type OutputFormat } from './agent-reader.ts';
import type { Executor, ProcessEnd } from './executor.ts';
import { classByText, type Failure, failureWithoutResult } from './failure.ts';
import { plainReader } from './plain-reader.ts';
import { probeCli } from './probe-cli.ts';
import { describeEnd } from './process-end.ts';
import { setUps } from './set-ups.ts';
import { count, text, tolerant } from './tolerant-schema.ts';
import { noUsage, totalUsage, type Usage } from './usage-rows.ts';

/**
 * Codex, by `codex exec --json`. Without a prompt among its arguments it reads one from stdin. It has no option for a
 * cap on money or turns (openai/codex `codex-rs/exec/src/cli.rs` as of 2026-09). Outside of a git repository it wants
 * `--skip-git-repo-check`, and to write it wants `--sandbox workspace-write`: both are the user's to say, in `args`.
 */
export function codex(settings: AgentCliSettings): Executor {
  return {
    name: 'codex',
    streams: true,
    setUp: setUps.codex,
    command: (task) => ({
      program: settings.command,
      args: ['exec', '--json', ...modelOption(task), ...settings.args],
      stdin: promptOf(task),
    }),
    createReader: (clock, argv) =>
      argv && !argv.includes('--json') && !argv.includes('--experimental-json')
        ? plainReader({ billing: settings.billing, clock })
        : agentReader(codexFormat({ resumed: argv?.includes('resume') ?? false }), {
            billing: settings.billing,
            clock,
          }),
    probe: (env) => probeCli(settings.command, setUps.codex, env),
  };
}

const turnCompleted = z.object({
  type: z.literal('turn.completed'),
  usage: tolerant(
    z.object({
      input_tokens: count,
      cached_input_tokens: count,
      cache_write_input_tokens: count,
      output_tokens: count,
      reasoning_output_tokens: count,
    }),
  ),
});
type TurnCompleted = z.output<typeof turnCompleted>;
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('turn.started') }),
  turnCompleted,
  z.object({ type: z.literal('turn.failed'), error: tolerant(z.object({ message: text })) }),
  // Also what it says of each reconnection, after which it goes on.
  z.object({ type: z.literal('error'), message: text }),
  z.object({
    type: z.literal('item.completed'),
    item: tolerant(z.object({ type: text, text })),
  }),
]);

/** `resumed` threads count from their first run on: what this one used cannot be told from the total. */
function codexFormat({ resumed }: { resumed: boolean }): OutputFormat {
  let turn: { completed?: TurnCompleted; failed?: string; raw: unknown } | undefined;
  let lastError: string | undefined;
  let lastMessage: string | undefined;
  return {
    take(value) {
      const read = event.safeParse(value).data;
      if (read?.type === 'turn.started') turn = undefined;
      if (read?.type === 'turn.completed') turn = { completed: read, raw: value };
      if (read?.type === 'turn.failed') turn = { failed: read.error?.message ?? '', raw: value };
      if (read?.type === 'error') lastError = read.message ?? lastError;
      if (read?.type === 'item.completed' && read.item?.type === 'agent_message')
        lastMessage = read.item.text;
    },
    progress: () => ({ final: turn !== undefined }),
    conclude: (end, anyOutput) => ({
      failure: turn?.completed ? exitFailure(end) : failureOf(turn?.failed ?? lastError, end, anyOutput),
      usage: turn?.completed && !resumed ? usageOf(turn.completed) : noUsage,
      final: turn?.raw,
      text: lastMessage,
    }),
  };
}

function exitFailure(end: ProcessEnd): Failure | undefined {
  if (end.exitCode === 0) return undefined;
  return { error_class: 'nonzero_exit', error_message: describeEnd(end) };
}

function failureOf(said: string | undefined, end: ProcessEnd, anyOutput: boolean): Failure {
  if (said === undefined) return failureWithoutResult(end, anyOutput);
  return {
    error_class: classByText(said) ?? 'nonzero_exit',
    error_message: said || `the turn failed, ${describeEnd(end)}`,
  };
}

/** Cached input is inside the input, reasoning inside the output. Totals of a thread: the last has everything. */
function usageOf({ usage }: TurnCompleted): Usage {
  if (usage?.input_tokens === undefined) return noUsage;
  const cache_read = usage.cached_input_tokens ?? 0;
  const cache_write = usage.cache_write_input_tokens ?? 0;
  return totalUsage({
    input_uncached: usage.input_tokens - cache_read - cache_write,
    cache_read,
    cache_write,
    output: usage.output_tokens,
    reasoning: usage.reasoning_output_tokens,
  });
}
