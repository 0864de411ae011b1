import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type OutputFormat } from './agent-reader.ts';
import { optionValue } from './command-name.ts';
import type { Executor } from './executor.ts';
import { failureWithoutResult } from './failure.ts';
import { errorOnStderr, geminiFailure } from './gemini-failure.ts';
import { type GeminiEvent, type GeminiResult, parseDocument, parseEvent } from './gemini-output.ts';
import { readUsage } from './gemini-usage.ts';
import { plainReader } from './plain-reader.ts';
import { probeCli } from './probe-cli.ts';
import { setUps } from './set-ups.ts';

/**
 * Gemini CLI. Without `-p` it takes the prompt from a stdin that is no terminal, up to 8 MB. A cap on turns is a setting
 * of its own (`model.maxSessionTurns`), not an option, and there is none on money (0.56 nightly of 2026-08,
 * `packages/cli/src/config/config.ts`). A folder that was never trusted it wants `--skip-trust` for, and
 * `--approval-mode=yolo` to work unasked: both are the user's to say, in `args`.
 */
export function gemini(settings: AgentCliSettings): Executor {
  return {
    name: 'gemini',
    streams: true,
    setUp: setUps.gemini,
    command: (task) => ({
      program: settings.command,
      args: ['--output-format=stream-json', ...modelOption(task), ...settings.args],
      stdin: promptOf(task),
    }),
    createReader: (clock, argv) =>
      argv && !/json/.test(optionValue(argv, '--output-format', '-o') ?? 'text')
        ? plainReader({ billing: settings.billing, clock })
        : agentReader(geminiFormat(), { billing: settings.billing, clock }),
    probe: (env) => probeCli(settings.command, setUps.gemini, env),
  };
}

/** As much of the last message as is kept. */
const longestText = 20_000;

function geminiFormat(): OutputFormat {
  let result: { read: GeminiResult; raw: unknown } | undefined;
  let model: string | undefined;
  let said = '';
  const warnings: string[] = [];

  function takeEvent(event: GeminiEvent, raw: unknown): void {
    switch (event.type) {
      case 'init':
        model = event.model ?? model;
        break;
      case 'message':
        if (event.role === 'assistant') said = `${said}${event.content ?? ''}`.slice(-longestText);
        break;
      case 'tool_use':
        said = '';
        break;
      case 'error':
        // A loop of errors is not kept for ever.
        if (event.message !== undefined && warnings.length < 20) warnings.push(event.message);
        break;
      case 'result':
        result = { read: event, raw };
        break;
    }
  }

  return {
    take(value) {
      const event = parseEvent(value);
      if (event) return takeEvent(event, value);
      const document = parseDocument(value);
      if (document) result = { read: document, raw: value };
    },
    progress: () => ({ final: result !== undefined }),
    conclude(end, anyOutput) {
      const onStderr = errorOnStderr(end.tail);
      if (!result) {
        const failure =
          onStderr && end.exitCode !== 0 ? geminiFailure({ error: onStderr }, [], end) : undefined;
        return {
          failure: failure ?? geminiFailure({}, [], end) ?? failureWithoutResult(end, anyOutput),
          model,
        };
      }
      const { read, raw } = result;
      const used = readUsage(read, model);
      return {
        failure: geminiFailure({ ...read, error: read.error ?? onStderr }, warnings, end),
        model: used.model,
        usage: used.usage,
        final: raw,
        text: read.response ?? (said || undefined),
      };
    },
  };
}
