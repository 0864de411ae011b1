import { calcPrice, findProvider, type PriceCalculation } from '@pydantic/genai-prices';
import { foldModelName, namesNoModel } from '../domain/model-name.ts';
import type { ModelUse, PriceTable } from './price-table.ts';

/**
 * Where the number of calls is not known, prices are those of short calls: an attempt is many calls, and its sum
 * would otherwise be priced as one call of enormous length.
 */
const manyCalls = 1e6;

/** The public list prices that come with `@pydantic/genai-prices`, as they were at the time of use. Offline. */
export const publicPrices: PriceTable = {
  source: 'genai_prices',
  costOf(use) {
    if (namesNoModel(use.model)) return undefined;
    for (const { model, providerId } of candidatesOf(use.model)) {
      const cost = costUnder(model, providerId, use);
      if (cost !== undefined) return cost;
    }
    return undefined;
  },
};

/** The names to look under: as it ran, then folded; with `provider/model` taken apart. */
function candidatesOf(name: string): { model: string; providerId?: string }[] {
  const names = [...new Set([name, foldModelName(name)])];
  return names.flatMap((model) => {
    const [, provider = '', rest = ''] = /^([^/]+)\/(.+)$/.exec(model) ?? [];
    if (rest === '') return [{ model }];
    // Of a provider that the library does not know (`cursor/auto`), the same model may cost something else.
    return findProvider({ providerId: provider }) ? [{ model: rest, providerId: provider }] : [];
  });
}

function costUnder(model: string, providerId: string | undefined, use: ModelUse): number | undefined {
  const calls = use.calls && use.calls > 0 ? use.calls : manyCalls;
  const usage = {
    // The library wants all input here, cached and not.
    input_tokens: (use.input_uncached + use.cache_read + use.cache_write) / calls,
    cache_read_tokens: use.cache_read / calls,
    cache_write_tokens: use.cache_write / calls,
    output_tokens: use.output / calls,
  };
  const found = calculate(() => calcPrice(usage, model, { providerId, timestamp: use.at }));
  return found && isComplete(found) ? found.total_price * calls : undefined;
}

/** It throws for usage that a price of its own does not cover, and answers null for an unknown model. */
function calculate(calc: () => PriceCalculation | null): PriceCalculation | undefined {
  try {
    return calc() ?? undefined;
  } catch {
    return undefined;
  }
}

/** A model that is listed without a price for its text is not free. */
function isComplete({ model_price, total_price }: PriceCalculation): boolean {
  return (
    model_price.input_mtok !== undefined &&
    model_price.output_mtok !== undefined &&
    Number.isFinite(total_price)
  );
}
