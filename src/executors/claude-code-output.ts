import { z } from 'zod';
import { labelValue } from '../domain/labels.ts';
import { count, flag, number, text, tolerant, usd } from './tolerant-schema.ts';

/** What is read of Claude Code's `json` and `stream-json`. */

const modelUsage = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadInputTokens: count,
  cacheCreationInputTokens: count,
  costUSD: usd,
  canonicalModel: text,
});

const resultEvent = z.object({
  type: z.literal('result'),
  subtype: text,
  is_error: flag,
  api_error_status: number,
  terminal_reason: text,
  num_turns: count,
  result: text,
  errors: tolerant(z.array(z.unknown())),
  total_cost_usd: usd,
  usage: tolerant(
    z.object({
      input_tokens: count,
      cache_creation_input_tokens: count,
      cache_read_input_tokens: count,
      output_tokens: count,
    }),
  ),
  modelUsage: tolerant(z.record(z.string(), modelUsage)),
});
export type ResultEvent = z.output<typeof resultEvent>;

const initEvent = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  model: tolerant(labelValue),
});

const rateLimitEvent = z.object({
  type: z.literal('rate_limit_event'),
  // `resetsAt` is in seconds since the epoch.
  rate_limit_info: tolerant(z.object({ status: text, resetsAt: number })),
});

const event = z.discriminatedUnion('type', [resultEvent, initEvent, rateLimitEvent]);
export type ClaudeEvent = z.output<typeof event>;

const eventMarks = ['"result"', '"init"', '"rate_limit_event"'];

/** True of a line that holds no event that we read: most are messages, and large. */
export function isMessage(line: Buffer): boolean {
  return !eventMarks.some((mark) => line.includes(mark));
}

/** The event in a value, if it is one that we read. */
export function parseEvent(value: unknown): ClaudeEvent | undefined {
  return event.safeParse(value).data;
}

/**
 * The id of the message that a line of the main agent's is a block of. Its blocks come as a line each, with the same id;
 * a subagent's lines name the tool call that it runs under.
 */
export function messageId(line: Buffer): string | undefined {
  if (!line.subarray(0, 20).equals(Buffer.from('{"type":"assistant",'))) return undefined;
  if (line.includes('"parent_tool_use_id":"')) return undefined;
  return /"id":"(msg_[^"]+)"/.exec(line.subarray(0, 500).toString('latin1'))?.[1];
}
