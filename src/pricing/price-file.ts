import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../domain/errors.ts';
import { foldModelName, namesNoModel } from '../domain/model-name.ts';
import { problemsOf } from '../domain/problems.ts';
import type { ModelUse, PriceTable } from './price-table.ts';

const usdPerMillion = z.number().min(0).max(1e6);
const kinds = ['input', 'cache_read', 'cache_write', 'output'] as const;

const priceEntry = z.strictObject({
  model: z.string().min(1).max(128).meta({ description: 'A name, or a pattern in which `*` is anything.' }),
  from: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date, like 2026-01-31')
    .optional()
    .meta({ description: 'From when on it holds, in UTC; always, if absent.' }),
  input: usdPerMillion,
  output: usdPerMillion,
  cache_read: usdPerMillion.optional(),
  cache_write: usdPerMillion.optional(),
});
type PriceEntry = z.output<typeof priceEntry>;

/** `prices.yaml`: US dollars per million tokens, by model and date. */
export const priceFile = z
  .strictObject({ prices: z.array(priceEntry).max(10_000) })
  .superRefine(({ prices }, context) => {
    const seen = new Set<string>();
    for (const [index, { model, from }] of prices.entries()) {
      const key = JSON.stringify([model.toLowerCase(), beginOf(from)]);
      if (seen.has(key)) {
        const message = `has another price for ${model} from the same time`;
        context.addIssue({ code: 'custom', path: ['prices', index], message });
      }
      seen.add(key);
    }
  });

/**
 * The table in an override file.
 * @throws AppError `invalid` that names the file and each wrong entry
 */
export function loadPriceFile(path: string): PriceTable {
  let content: unknown;
  try {
    content = parse(readFileSync(resolve(path), 'utf8'));
  } catch (error) {
    throw new AppError('invalid', `cannot read the prices in ${path}: ${messageOf(error)}`, { cause: error });
  }
  const parsed = priceFile.safeParse(content);
  if (parsed.success) return priceFileTable(parsed.data);
  const problems = problemsOf(parsed.error);
  const lines = problems.map(
    ({ pointer, detail }) => `  ${pointer.slice(1).replaceAll('/', '.') || 'file'}: ${detail}`,
  );
  throw new AppError('invalid', [`the prices in ${path} cannot be used:`, ...lines].join('\n'), { problems });
}

/** The first pattern of the file that matches and holds by then is taken; of its prices, the newest by then. */
export function priceFileTable({ prices }: z.output<typeof priceFile>): PriceTable {
  const byPattern = Map.groupBy(prices, ({ model }) => model.toLowerCase());
  const patterns = [...byPattern].map(([pattern, entries]) => ({
    matches: matcherOf(pattern),
    entries: entries.toSorted((one, other) => beginOf(other.from) - beginOf(one.from)),
  }));
  return {
    source: 'prices_file',
    costOf(use) {
      for (const { matches, entries } of patterns) {
        const entry = matches(use.model) && entries.find(({ from }) => beginOf(from) <= use.at.getTime());
        if (entry) return costBy(entry, use);
      }
      return undefined;
    },
  };
}

function beginOf(from: string | undefined): number {
  return from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
}

/** A name matches as it ran and as it is folded for labels. A pattern does not match what is no model's name. */
function matcherOf(pattern: string): (model: string) => boolean {
  const whole = pattern
    .split('*')
    .map((part) => RegExp.escape(part))
    .join('.*');
  const regex = new RegExp(`^${whole}$`, 'i');
  return (model) => {
    if (namesNoModel(model)) return pattern === model.toLowerCase();
    return regex.test(model) || regex.test(foldModelName(model));
  };
}

/** Undefined if tokens of a kind were used that the entry has no price for. */
function costBy(entry: PriceEntry, use: ModelUse): number | undefined {
  const tokens = {
    input: use.input_uncached,
    cache_read: use.cache_read,
    cache_write: use.cache_write,
    output: use.output,
  };
  let cost = 0;
  for (const kind of kinds) {
    const price = entry[kind];
    if (price === undefined && tokens[kind] > 0) return undefined;
    cost += (tokens[kind] * (price ?? 0)) / 1e6;
  }
  return cost;
}
