import { z } from 'zod';
import { labelValue } from '../domain/labels.ts';

/**
 * What is read of Claude Code's `stream-json`. The format drifts: a member that is not as expected counts as absent,
 * and never costs the rest of the event.
 */
function tolerant<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}

const text = tolerant(z.string());
const count = tolerant(z.int().min(0).max(1e12));
const usd = tolerant(z.number().min(0).max(1e6));

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
  is_error: tolerant(z.boolean()),
  api_error_status: tolerant(z.number()),
  terminal_reason: text,
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

const event = z.discriminatedUnion('type', [resultEvent, initEvent]);
export type ClaudeEvent = z.output<typeof event>;

/** The event of one line of output, if it is one that we read. */
export function parseEvent(line: Buffer): ClaudeEvent | undefined {
  // Most lines are messages, and large: they are not worth parsing.
  if (!line.includes('"result"') && !line.includes('"init"')) return undefined;
  try {
    return event.safeParse(JSON.parse(line.toString())).data;
  } catch {
    return undefined;
  }
}
