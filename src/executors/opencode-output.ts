import { z } from 'zod';
import { count, number, text, tolerant, usd } from './tolerant-schema.ts';

/** What is read of `opencode run --format json`. */

const tokens = z.object({
  total: count,
  input: count,
  output: count,
  reasoning: count,
  cache: tolerant(z.object({ read: count, write: count })),
});

const stepPart = z.object({ reason: text, tokens: tolerant(tokens), cost: usd });
export type StepPart = z.output<typeof stepPart>;

const error = z.object({
  name: text,
  message: text,
  data: tolerant(
    z.object({
      message: text,
      statusCode: number,
      responseHeaders: tolerant(z.record(z.string(), z.unknown())),
    }),
  ),
});
export type OpencodeError = Partial<z.output<typeof error>>;

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step_start') }),
  z.object({ type: z.literal('step_finish'), part: tolerant(stepPart) }),
  z.object({ type: z.literal('text'), part: tolerant(z.object({ text })) }),
  z.object({ type: z.literal('tool_use'), part: tolerant(z.object({ tool: text })) }),
  z.object({ type: z.literal('error'), error: tolerant(error) }),
  // Of newer builds: the session has come to rest.
  z.object({ type: z.literal('done'), rejected: tolerant(z.array(z.string())) }),
]);
export type OpencodeEvent = z.output<typeof event>;

/** The event in a value, if it is one that we read. */
export function parseEvent(value: unknown): OpencodeEvent | undefined {
  return event.safeParse(value).data;
}
