import { z } from 'zod';
import { labelValue } from '../domain/labels.ts';
import { flag, text, tolerant } from './tolerant-schema.ts';
import { noUsage, totalUsage, type Usage, usageByModel } from './usage-rows.ts';

/** What is read of Cursor's `json` and `stream-json`. */

const init = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  // A name for people, such as `Claude 4 Sonnet`; `Auto` where Cursor chose.
  model: tolerant(labelValue),
});

const result = z.object({
  type: z.literal('result'),
  subtype: text,
  is_error: flag,
  model: tolerant(labelValue),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});

export interface CursorResult {
  subtype?: string | undefined;
  is_error?: boolean | undefined;
  model?: string | undefined;
  /** The agent's last words, or what went wrong. */
  text?: string | undefined;
}

export function parseInit(value: unknown): z.output<typeof init> | undefined {
  return init.safeParse(value).data;
}

export function parseResult(value: unknown): CursorResult | undefined {
  const read = result.safeParse(value).data;
  if (!read) return undefined;
  const { subtype, is_error, model } = read;
  return { subtype, is_error, model, text: wordsOf(read.result) ?? wordsOf(read.error) };
}

function wordsOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return member(value, 'text', 'message');
}

/** Where builds were seen to put the usage, the newest first. */
const places = [
  ['usage'],
  ['usage', 'usage'],
  ['usage', 'tokens'],
  ['result', 'usage'],
  ['message', 'usage'],
  ['data', 'usage'],
  ['stats', 'usage'],
  ['metadata', 'usage'],
];

/**
 * Cached input is outside of the input. Builds before 2026 tell nothing; some nest it, and some write it in snake case,
 * as Anthropic's API does.
 */
export function readUsage(raw: unknown, model: string | undefined): Usage {
  for (const place of places) {
    const used = place.reduce<unknown>(child, raw);
    const counts = {
      input_uncached: number(used, 'inputTokens', 'input_tokens'),
      cache_read: number(used, 'cacheReadTokens', 'cache_read_tokens', 'cache_read_input_tokens') ?? 0,
      cache_write: number(used, 'cacheWriteTokens', 'cache_write_tokens', 'cache_creation_input_tokens') ?? 0,
      output: number(used, 'outputTokens', 'output_tokens'),
    };
    const total = totalUsage(counts);
    if (total.usage_state === 'none') continue;
    return (model !== undefined ? usageByModel([{ model, counts }]) : undefined) ?? total;
  }
  return noUsage;
}

function child(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function number(value: unknown, ...names: string[]): number | undefined {
  const found = names.map((name) => child(value, name)).find((one) => one !== undefined && one !== null);
  // A count that cannot be read makes the whole unreadable, and not 0.
  return found === undefined ? undefined : typeof found === 'number' ? found : Number.NaN;
}

function member(value: unknown, ...names: string[]): string | undefined {
  return names.map((name) => child(value, name)).find((one) => typeof one === 'string');
}
