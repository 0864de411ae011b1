import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type OutputFormat } from './agent-reader.ts';
import { optionValue } from './command-name.ts';
import { type CursorResult, parseInit, parseResult, readUsage } from './cursor-output.ts';
import type { Executor, ProcessEnd } from './executor.ts';
import { classByText, type Failure, failureWithoutResult } from './failure.ts';
import { plainReader } from './plain-reader.ts';
import { probeCli } from './probe-cli.ts';
import { describeEnd } from './process-end.ts';
import { setUps } from './set-ups.ts';

/**
 * Cursor's agent, whose program is `cursor-agent` or `agent`. In print mode it takes the prompt from stdin (seen with
 * 2026.01.28 in reifying/cursor-hack, and how BloopAI/vibe-kanban starts it). It has no cap on money or turns
 * (cursor.com/docs/cli/reference/parameters, 2026-08). A folder that was never trusted it wants `--trust` for, and
 * `--force` to write: both are the user's to say, in `args`.
 */
export function cursor(settings: AgentCliSettings): Executor {
  return {
    name: 'cursor',
    streams: true,
    setUp: setUps.cursor,
    command: (task) => ({
      program: settings.command,
      args: ['-p', '--output-format', 'stream-json', ...modelOption(task), ...settings.args],
      stdin: promptOf(task),
    }),
    createReader: (clock, argv) =>
      argv && !/json/.test(optionValue(argv, '--output-format') ?? 'text')
        ? plainReader({ billing: settings.billing, clock })
        : agentReader(cursorFormat(), { billing: settings.billing, clock }),
    probe: (env) => probeCli(settings.command, setUps.cursor, env),
  };
}

function cursorFormat(): OutputFormat {
  let result: { event: CursorResult; raw: unknown } | undefined;
  let model: string | undefined;
  return {
    skips: (line) => !line.includes('"result"') && !line.includes('"init"'),
    take(value) {
      model = parseInit(value)?.model ?? model;
      const event = parseResult(value);
      if (event) result = { event, raw: value };
    },
    progress: () => ({ final: result !== undefined }),
    conclude(end, anyOutput) {
      if (!result) return { failure: failureWithoutResult(end, anyOutput), model };
      const { event, raw } = result;
      return {
        failure: failureOf(event, end),
        model: model ?? event.model,
        usage: readUsage(raw, model ?? event.model),
        final: raw,
        text: event.text,
      };
    },
  };
}

function failureOf(event: CursorResult, end: ProcessEnd): Failure | undefined {
  if (event.is_error === false && event.subtype === 'success') {
    if (end.exitCode === 0) return undefined;
    return { error_class: 'nonzero_exit', error_message: describeEnd(end) };
  }
  const said = event.text ?? '';
  const error_message = said || `${event.subtype ?? 'result without a subtype'}, ${describeEnd(end)}`;
  if (event.is_error !== true && !event.subtype?.startsWith('error')) {
    return { error_class: 'malformed_output', error_message };
  }
  return { error_class: classByText(said) ?? 'nonzero_exit', error_message };
}
