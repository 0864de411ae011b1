import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type OutputFormat } from './agent-reader.ts';
import { optionValue } from './command-name.ts';
import type { Executor, ProcessEnd } from './executor.ts';
import { type Failure, failureWithoutResult } from './failure.ts';
import { opencodeFailure } from './opencode-failure.ts';
import { type OpencodeError, parseEvent } from './opencode-output.ts';
import { StepSum } from './opencode-steps.ts';
import { plainReader } from './plain-reader.ts';
import { probeCli } from './probe-cli.ts';
import { describeEnd } from './process-end.ts';
import { setUps } from './set-ups.ts';

/**
 * OpenCode, by `opencode run --format json`. Without a message among its arguments it takes stdin for one; an argument
 * with a space in it would reach the model in quotation marks. It has no cap on money or turns
 * (`packages/opencode/src/cli/cmd/run.ts` of anomalyco/opencode, 1.18, 2026-09). What needs a permission it refuses,
 * unless the user says `--auto` in `args`.
 */
export function opencode(settings: AgentCliSettings): Executor {
  return {
    name: 'opencode',
    streams: true,
    caps: ['max_cost_usd', 'max_turns'],
    setUp: setUps.opencode,
    command: (task) => ({
      program: settings.command,
      args: ['run', '--format', 'json', ...modelOption(task), ...settings.args],
      stdin: promptOf(task),
    }),
    createReader: (clock, argv) =>
      argv && optionValue(argv, '--format') !== 'json'
        ? plainReader({ billing: settings.billing, clock })
        : agentReader(opencodeFormat(), { billing: settings.billing, clock }),
    probe: (env) => probeCli(settings.command, setUps.opencode, env),
  };
}

/** Where the stream stands: its last step says whether it came to an end. */
interface Position {
  open: boolean;
  reason?: string | undefined;
  error?: OpencodeError;
  rejected: string[];
}

function opencodeFormat(): OutputFormat {
  const steps = new StepSum();
  let at: Position = { open: false, rejected: [] };
  let idle = false;
  let lastText: string | undefined;
  const ended = () => !at.open && at.reason !== undefined && at.reason !== 'tool-calls';
  return {
    take(value) {
      const event = parseEvent(value);
      switch (event?.type) {
        case 'step_start':
          at = { open: true, rejected: [] };
          break;
        case 'step_finish':
          steps.add(event.part);
          at = { open: false, reason: event.part?.reason ?? 'stop', rejected: [] };
          break;
        case 'text':
          lastText = event.part?.text ?? lastText;
          break;
        case 'tool_use':
          // Its subagents run in sessions of their own, of which the stream tells nothing.
          if (event.part?.tool === 'task') steps.incomplete = true;
          break;
        case 'error':
          at = { ...at, error: event.error ?? {} };
          break;
        case 'done':
          idle = true;
          at = { ...at, rejected: event.rejected ?? [] };
          break;
      }
    },
    progress: () => ({
      final: idle || at.error !== undefined || ended(),
      cost_usd: steps.cost,
      turns: steps.count > 0 ? steps.count : undefined,
    }),
    conclude: (end, anyOutput) => ({
      failure: failureOf(at, ended(), end, anyOutput),
      usage: steps.usage(ended() ? 'terminal' : 'partial'),
      cost_usd: steps.cost,
      final: steps.raw,
      text: lastText,
    }),
  };
}

function failureOf(at: Position, ended: boolean, end: ProcessEnd, anyOutput: boolean): Failure | undefined {
  if (at.error) return opencodeFailure(at.error, end);
  if (!ended && end.exitCode === 0 && (at.open || at.reason !== undefined)) {
    const refused =
      at.rejected.length > 0 ? `; refused for want of permission: ${at.rejected.join(', ')}` : '';
    const where = at.open ? 'with a step still open' : 'after a step with tool calls';
    return { error_class: 'malformed_output', error_message: `the stream ended ${where}${refused}` };
  }
  if (!ended) return failureWithoutResult(end, anyOutput);
  if (at.reason === 'length') {
    return { error_class: 'context_exhausted', error_message: 'the model’s output reached its length limit' };
  }
  if (at.reason === 'error' || at.reason === 'content-filter') {
    return { error_class: 'malformed_output', error_message: `the last step ended by ${at.reason}` };
  }
  if (end.exitCode === 0) return undefined;
  return { error_class: 'nonzero_exit', error_message: describeEnd(end) };
}
