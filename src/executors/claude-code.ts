import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type OutputFormat } from './agent-reader.ts';
import { claudeFailure } from './claude-code-failure.ts';
import { isMessage, messageId, parseEvent, type ResultEvent } from './claude-code-output.ts';
import { readCost, readUsage } from './claude-code-usage.ts';
import { optionValue } from './command-name.ts';
import type { Executor } from './executor.ts';
import { failureWithoutResult } from './failure.ts';
import { plainReader } from './plain-reader.ts';
import { probeCli } from './probe-cli.ts';
import { setUps } from './set-ups.ts';

/**
 * Claude Code, headless. The prompt goes in on stdin: an argument could be read by every user of the machine (`ps`),
 * taken for an option if it begins with `-`, swallowed by a variadic option among `args`, and be too long.
 *
 * `--max-turns` and `--max-budget-usd` are for print mode only, and subagents count in both (CLI reference of
 * code.claude.com, 2026-09; `--max-turns` has been left out of `--help` since 2.1.x and still works).
 */
export function claudeCode(settings: AgentCliSettings): Executor {
  return {
    name: 'claude-code',
    streams: true,
    caps: ['max_cost_usd', 'max_turns'],
    setUp: setUps['claude-code'],
    command: (task) => ({
      program: settings.command,
      args: [
        ...['-p', '--output-format', 'stream-json', '--verbose'],
        ...modelOption(task),
        ...(task.max_cost_usd === undefined ? [] : [`--max-budget-usd=${task.max_cost_usd}`]),
        ...(task.max_turns === undefined ? [] : [`--max-turns=${task.max_turns}`]),
        ...settings.args,
      ],
      stdin: promptOf(task),
    }),
    createReader: (clock, argv) =>
      argv && !/json/.test(optionValue(argv, '--output-format') ?? 'text')
        ? plainReader({ billing: settings.billing, clock })
        : agentReader(claudeFormat(), { billing: settings.billing, clock }),
    probe: (env) => probeCli(settings.command, setUps['claude-code'], env),
  };
}

function claudeFormat(): OutputFormat {
  // Only the last result counts: each repeats what the ones before it said.
  let result: { event: ResultEvent; raw: unknown } | undefined;
  let model: string | undefined;
  let limit: string | undefined;
  let message: string | undefined;
  let turns = 0;
  return {
    skips(line) {
      const id = messageId(line);
      if (id !== undefined && id !== message) {
        message = id;
        turns += 1;
      }
      return isMessage(line);
    },
    take(value) {
      const event = parseEvent(value);
      if (event?.type === 'system') model = event.model ?? model;
      if (event?.type === 'result') result = { event, raw: value };
      if (event?.type === 'rate_limit_event') {
        const { status, resetsAt } = event.rate_limit_info ?? {};
        limit = status === 'rejected' && resetsAt !== undefined ? `resets_at: ${resetsAt}` : undefined;
      }
    },
    progress: () => ({
      final: result !== undefined,
      cost_usd: result?.event.total_cost_usd,
      turns: turns > 0 ? turns : undefined,
    }),
    conclude(end, anyOutput) {
      if (!result) {
        return { failure: { ...failureWithoutResult(end, anyOutput), limit_hint: limit }, model };
      }
      const failure = claudeFailure(result.event, end);
      const read = readUsage(result.event, model);
      return {
        failure: failure && { ...failure, limit_hint: limit },
        ...read,
        cost_usd: readCost(result.event, read.usage),
        final: result.raw,
        text: result.event.result,
      };
    },
  };
}
