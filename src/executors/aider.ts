import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Task } from '../domain/task.ts';
import { type AgentCliSettings, modelOption, promptOf } from './agent-cli.ts';
import { agentReader, type TextFormat } from './agent-reader.ts';
import { exitFailure, troubleFailure } from './aider-failure.ts';
import { AiderLog } from './aider-log.ts';
import { AiderText } from './aider-output.ts';
import { type Message, messagesOf, readCost, readUsage } from './aider-usage.ts';
import type { Executor, ProcessEnd } from './executor.ts';
import { type Failure, failureWithoutResult } from './failure.ts';
import { probeCli } from './probe-cli.ts';
import { setUps } from './set-ups.ts';

/**
 * Aider, by one message. All of this was run with 0.86.2 against a model that said what it was to say.
 *
 * `--yes-always` is no choice: without it the end of stdin answers every question with yes, also whether to run a shell
 * command, which `--yes-always` answers with no. Because of it the things that would be agreed to are switched off: to
 * update itself, to read pages that the text names, to open a browser, to send statistics, to change `.gitignore`.
 * Without `--no-stream` the tokens are its own estimate (seen: 31 for 512).
 */
export function aider(settings: AgentCliSettings): Executor {
  return {
    name: 'aider',
    setUp: setUps.aider,
    // An answer comes in one piece, after minutes.
    streams: false,
    leaves: ['.aider.tags.cache.v4', '.aider.tags.cache.v3'],
    command(task, folder) {
      const message = join(folder, 'message');
      const record = join(folder, 'analytics.jsonl');
      return {
        program: settings.command,
        args: [
          `--message-file=${message}`,
          ...['--yes-always', '--no-stream', '--no-pretty', '--no-fancy-input'],
          ...['--no-check-update', '--no-show-release-notes', '--no-detect-urls', '--no-gitignore'],
          ...['--no-analytics', `--analytics-log=${record}`],
          ...['--chat-history-file=/dev/null', '--input-history-file=/dev/null'],
          ...modelOption(task),
          ...settings.args,
        ],
        // Else it breaks its lines after 80 characters.
        env: { COLUMNS: '1000' },
        files: { [message]: messageOf(task) },
        record,
      };
    },
    createReader: (clock, argv) =>
      agentReader(aiderFormat({ mustAnswer: argv === undefined }), {
        billing: settings.billing,
        clock,
      }),
    probe: (env) => probeCli(settings.command, setUps.aider, env),
  };
}

/** A message that begins with `!` or `/` is a command, for the shell even: a direction is data, and must not be one. */
function messageOf(task: Task): string {
  const prompt = promptOf(task);
  return /^[!/]/.test(prompt) ? `\n${prompt}` : prompt;
}

const longestLine = 8000;
/** How many messages are kept for pricing them again. */
const mostKept = 200;

function aiderFormat({ mustAnswer }: { mustAnswer: boolean }): TextFormat {
  const text = new AiderText();
  const log = new AiderLog();
  /** Whether the output is a log itself, or has one in it from its beginning: an answer could hold such lines too. */
  let isLog = false;
  return {
    takeLine(bytes) {
      if (bytes.length > longestLine) return;
      const line = stripVTControlCharacters(bytes.toString()).trimEnd();
      isLog ||= !text.begun && line.startsWith('{"event": ');
      if (isLog && line.startsWith('{')) log.take(parsed(line));
      else text.line(line);
    },
    takeRecord: (value) => log.take(value),
    progress: () => ({
      // It has no key, and waits for a person to make one in a browser.
      final: text.trouble?.error_class === 'auth',
      cost_usd: text.usages.at(-1)?.session_usd || undefined,
      turns: text.usages.length > 0 ? text.usages.length : undefined,
    }),
    conclude(end, anyOutput) {
      const messages = text.overfull || log.overfull ? [] : messagesOf(log.messages, text.usages);
      return {
        failure: failureOf({ text, log, mustAnswer, answered: messages.length > 0 }, end, anyOutput),
        model: text.model ?? log.messages.at(-1)?.main_model,
        usage: readUsage(messages, text.manyModels ? undefined : text.model),
        cost_usd: readCost(messages),
        final: messages.length > 0 ? rawOf(messages, log.duration_ms) : undefined,
      };
    },
  };
}

function failureOf(
  {
    text,
    log,
    mustAnswer,
    answered,
  }: { text: AiderText; log: AiderLog; mustAnswer: boolean; answered: boolean },
  end: ProcessEnd,
  anyOutput: boolean,
): Failure | undefined {
  if (text.trouble) return troubleFailure(text.trouble);
  if (end.exitCode !== 0) return exitFailure(end);
  if (log.exception !== undefined)
    return troubleFailure({ error_class: 'nonzero_exit', said: log.exception });
  if (log.unanswered > 0) {
    return {
      error_class: 'nonzero_exit',
      error_message: 'the last message got no answer, by its analytics log',
    };
  }
  // A user's own command need not be a message: it may only lint, or commit.
  return answered || !mustAnswer ? undefined : failureWithoutResult(end, anyOutput);
}

function rawOf(messages: Message[], duration_ms: number | undefined): unknown {
  const kept = messages.slice(-mostKept).map(({ logged, printed }) => logged ?? printed?.text);
  return { messages: kept, duration_ms };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
