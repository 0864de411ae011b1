import { z } from 'zod';
import { labelValue } from '../domain/labels.ts';
import { count, text, tolerant } from './tolerant-schema.ts';

/** What is read of Gemini CLI's `json` and `stream-json`. */

/** Of a model: in `json` by what the tokens were, in `stream-json` less finely. */
const modelStats = z.object({
  api: tolerant(z.object({ totalRequests: count })),
  tokens: tolerant(
    z.object({ input: count, prompt: count, candidates: count, cached: count, thoughts: count, tool: count }),
  ),
  total_tokens: count,
  input_tokens: count,
  output_tokens: count,
  cached: count,
});
export type ModelStats = z.output<typeof modelStats>;

const error = z.object({ type: text, message: text, code: tolerant(z.union([z.number(), z.string()])) });
export type GeminiError = Partial<z.output<typeof error>>;

const stats = z.object({
  models: tolerant(z.record(z.string(), modelStats)),
  total_tokens: count,
  input_tokens: count,
  output_tokens: count,
  cached: count,
});

const result = z.object({
  type: z.literal('result'),
  status: text,
  error: tolerant(error),
  stats: tolerant(stats),
});

const document = z.object({
  type: z.never().optional(),
  response: text,
  stats: tolerant(stats),
  error: tolerant(error),
  warnings: tolerant(z.array(z.string())),
});

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('init'), model: tolerant(labelValue) }),
  z.object({ type: z.literal('message'), role: text, content: text }),
  z.object({ type: z.literal('tool_use') }),
  z.object({ type: z.literal('error'), message: text }),
  result,
]);
export type GeminiEvent = z.output<typeof event>;

/** The end of a run, in either form. */
export interface GeminiResult {
  /** Of `stream-json` alone. */
  status?: string | undefined;
  error?: GeminiError | undefined;
  stats?: z.output<typeof stats> | undefined;
  response?: string | undefined;
  warnings?: string[] | undefined;
}

/** The event of `stream-json` in a value, if it is one that we read. */
export function parseEvent(value: unknown): GeminiEvent | undefined {
  return event.safeParse(value).data;
}

/** The one object that `json` prints. */
export function parseDocument(value: unknown): GeminiResult | undefined {
  const read = document.safeParse(value).data;
  const known = read && (read.response !== undefined || read.stats || read.error);
  return known ? { ...read, status: read.error ? 'error' : 'success' } : undefined;
}

export function parseError(value: unknown): GeminiError | undefined {
  return z.object({ error }).safeParse(value).data?.error;
}
